using System.Reflection;
using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Commands;

/// <summary>How to start this very tool again: its own executable, or the dotnet host with its entry assembly where it is portable.</summary>
/// <param name="Path">The program to start.</param>
/// <param name="LeadingArguments">Arguments that come before the tool's own.</param>
/// <param name="EntryFile">The file whose removal means that the tool was removed or replaced.</param>
internal sealed record OwnProgram(string Path, IReadOnlyList<string> LeadingArguments, string EntryFile)
{
    /// <summary>
    /// What others may keep to call this program by: the link or shim that an installation as a tool made, since the program itself lies in a folder
    /// that is named after the version and goes with the next update.
    /// </summary>
    public string LastingPath
    {
        get
        {
            for (var folder = System.IO.Path.GetDirectoryName(EntryFile); folder is not null; folder = System.IO.Path.GetDirectoryName(folder))
            {
                if (System.IO.Path.GetFileName(folder) == ".store" && System.IO.Path.GetDirectoryName(folder) is { } tools)
                    return ShimNames.Select(name => System.IO.Path.Combine(tools, name)).FirstOrDefault(File.Exists) ?? EntryFile;
            }

            return EntryFile;
        }
    }

    private static string[] ShimNames => [CommandApplication.ToolName, CommandApplication.ToolName + ".exe", CommandApplication.ToolName + ".cmd"];

    /// <summary>The running one.</summary>
    public static OwnProgram Running()
    {
        var process = Environment.ProcessPath ?? throw new InvalidOperationException("The system does not tell this program's path.");
        var assembly = System.IO.Path.Combine(AppContext.BaseDirectory, Assembly.GetExecutingAssembly().GetName().Name + ".dll");
        var isHost = System.IO.Path.GetFileNameWithoutExtension(process).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        return isHost ? new OwnProgram(process, [assembly], assembly) : new OwnProgram(process, [], File.Exists(assembly) ? assembly : process);
    }
}
