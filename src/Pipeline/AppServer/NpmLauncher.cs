using System.Runtime.InteropServices;
using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>
/// The launcher that npm puts on PATH: a script for Node in front of the native codex. It costs memory and start-up time, and killing it
/// leaves the real server alive, so the program behind it is started instead.
/// </summary>
internal static class NpmLauncher
{
    private const string Script = "codex.js";

    // Shims written by package managers have some 20 lines; anything larger is no shim.
    private const int LargestShimBytes = 16 * 1024;

    private static readonly string ScriptInPackage = Path.Combine("@openai", "codex", "bin", Script);

    /// <summary>The launcher's package that a file on PATH belongs to; null when it belongs to none.</summary>
    public static string? PackageOf(string path)
    {
        var real = CanonicalPath.Of(path);
        var script = Path.GetFileName(real).Equals(Script, StringComparison.Ordinal) ? real : ScriptNamedBy(real);
        if (script is null || !script.EndsWith(ScriptInPackage, StringComparison.Ordinal) || !File.Exists(script))
            return null;
        return Path.GetDirectoryName(Path.GetDirectoryName(CanonicalPath.Of(script)));
    }

    /// <summary>The native codex of a launcher's package, where Node would find it; null when it is not installed.</summary>
    public static string? FindNative(string package)
    {
        var native = $"codex-{PackagePlatform()}-{PackageArchitecture()}";
        var vendors = FoldersUpwards(package)
            .Select(folder => Path.Combine(folder, "node_modules", "@openai", native, "vendor"))
            .Append(Path.Combine(package, "vendor")); // Older packages brought the programs of all systems themselves.
        var program = OperatingSystem.IsWindows() ? "codex.exe" : "codex";
        return vendors
            .SelectMany(v => new[] { Path.Combine(v, Triple(), "bin", program), Path.Combine(v, Triple(), "codex", program) })
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Folder that the launcher puts in front of PATH; null with the newer layout, whose codex looks there by itself.</summary>
    public static string? ToolsOf(string native)
    {
        var tools = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(native))!, "path");
        return Directory.Exists(tools) ? tools : null;
    }

    /// <summary>What installed a package, told by where it lies.</summary>
    public static string ManagerOf(string package)
    {
        var path = package.Replace('\\', '/');
        return path.Contains("/.bun/", StringComparison.Ordinal) ? "BUN"
            : path.Contains("/.pnpm/", StringComparison.Ordinal) ? "PNPM"
            : "NPM";
    }

    // On Windows, and with pnpm everywhere, PATH holds a script that names the launcher relative to its own folder.
    private static string? ScriptNamedBy(string shim)
    {
        try
        {
            if (new FileInfo(shim).Length > LargestShimBytes)
                return null;
            var text = File.ReadAllText(shim).Replace('\\', '/');
            var end = text.IndexOf("@openai/codex/bin/" + Script, StringComparison.Ordinal);
            if (end < 0)
                return null;
            var begin = text.LastIndexOf('"', end) + 1;
            var written = text[begin..(end + "@openai/codex/bin/".Length + Script.Length)];
            string[] ownFolder = ["$basedir/", "%~dp0/", "%~dp0", "%dp0%/"];
            var prefix = ownFolder.FirstOrDefault(p => written.StartsWith(p, StringComparison.Ordinal)) ?? "";
            return Path.GetFullPath(written[prefix.Length..], Path.GetDirectoryName(shim)!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // What cannot be read is run as it is.
        }
    }

    private static IEnumerable<string> FoldersUpwards(string folder)
    {
        for (var next = folder; next is not null; next = Path.GetDirectoryName(next))
            yield return next;
    }

    private static string PackagePlatform() => OperatingSystem.IsWindows() ? "win32" : OperatingSystem.IsMacOS() ? "darwin" : "linux";

    private static string PackageArchitecture() => RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "x64";

    private static string Triple()
    {
        var architecture = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "aarch64" : "x86_64";
        return OperatingSystem.IsWindows() ? $"{architecture}-pc-windows-msvc"
            : OperatingSystem.IsMacOS() ? $"{architecture}-apple-darwin"
            : $"{architecture}-unknown-linux-musl";
    }
}
