using System.Runtime.InteropServices;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>Finds the program that runs .NET assemblies: a portable tool is a <c>.dll</c>, and can stand in for codex.</summary>
internal static class DotnetHost
{
    private static readonly string FileName = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";

    /// <summary>The host; null when there is none.</summary>
    public static string? Find(ProgramSearch search)
    {
        // The one we run by ourselves comes first; then the one our runtime lies below (DOTNET/shared/NAME/VERSION/).
        var own = Environment.ProcessPath;
        if (own is not null && Path.GetFileName(own).Equals(FileName, StringComparison.OrdinalIgnoreCase))
            return own;
        var beside = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", FileName));
        return File.Exists(beside) ? beside : search.OnPath("dotnet");
    }
}
