using CodexCompanion.Pipeline.Processes;
using CodexCompanion.StateStore.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Processes;

/// <summary>Starts small programs for tests.</summary>
internal static class Child
{
    public static readonly ProcessTable Table = new();

    public static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>(StringComparer.Ordinal);

    public static readonly IReadOnlyDictionary<string, string> OnlyPath =
        new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = "/usr/local/bin:/usr/bin:/bin" };

    public static ChildStart Shell(string script, IReadOnlyDictionary<string, string>? environment = null, string? folder = null) =>
        new("/bin/sh", ["-c", script], environment ?? OnlyPath, folder ?? Path.GetTempPath());

    public static ChildProcess Start(ChildStart start) =>
        Assert.IsType<ChildStartResult.Started>(ChildProcess.Start(start, Table)).Child;

    public static async Task<(string Output, ChildExit Exit)> RunAsync(ChildStart start)
    {
        using var child = Start(start);
        child.EndInput();
        using var reader = new StreamReader(child.Output);
        var output = await reader.ReadToEndAsync().WaitAsync(Wait.Limit);
        return (output, await child.Exited.WaitAsync(Wait.Limit));
    }

    public static IReadOnlyDictionary<string, string> With(string name, string value) =>
        new Dictionary<string, string>(OnlyPath, StringComparer.Ordinal) { [name] = value };

    /// <summary>A value that no process of another test has.</summary>
    public static string UniqueMark() => "test-" + Guid.NewGuid().ToString("N");
}
