using CodexCompanion.Pipeline.AppServer;

namespace CodexCompanion.Tool.Jobs;

/// <summary>
/// The environment of a worker: its caller's, with what its own runtime needs. It is inherited and never stored, since it holds secrets; and
/// what was changed for the worker is undone for the commands its turn runs.
/// </summary>
internal static class WorkerEnvironment
{
    // A killed .NET process would leave diagnostic sockets in temp.
    private const string Diagnostics = "DOTNET_EnableDiagnostics";

    // Keeps what the caller had set itself.
    private const string CallersDiagnostics = "CODEX_COMPANION_CALLERS_DIAGNOSTICS";

    /// <summary>What a worker is started with.</summary>
    public static Dictionary<string, string> For(IReadOnlyDictionary<string, string> caller)
    {
        var environment = Copy(caller);

        // A worker that is started from within a job's command is not a part of that job, and does not end with it.
        environment.Remove(EnvironmentPolicy.JobMark);
        environment.Remove(EnvironmentPolicy.InstanceMark);
        environment.Remove(CallersDiagnostics);
        if (caller.TryGetValue(Diagnostics, out var own))
            environment[CallersDiagnostics] = own;
        environment[Diagnostics] = "0";
        return environment;
    }

    /// <summary>The caller's environment again, out of the worker's.</summary>
    public static Dictionary<string, string> CallersOf(IReadOnlyDictionary<string, string> worker)
    {
        var environment = Copy(worker);
        if (environment.Remove(CallersDiagnostics, out var own))
            environment[Diagnostics] = own;
        else
            environment.Remove(Diagnostics);
        return environment;
    }

    private static Dictionary<string, string> Copy(IReadOnlyDictionary<string, string> variables) =>
        new(variables, OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
}
