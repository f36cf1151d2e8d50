using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;

namespace CodexCompanion.Tool.Hooks;

/// <summary>Runs a hook so that its host is never blocked by it: whatever happens, it ends in time and with 0.</summary>
internal static class HookRun
{
    /// <summary>Name of the group of commands.</summary>
    public const string CommandName = "hook";

    /// <summary>Runs a hook.</summary>
    /// <param name="host">What it works with.</param>
    /// <param name="findLimit">Says when it is left behind, unfinished and without a word.</param>
    /// <param name="hook">The hook; it is told the limit.</param>
    public static async Task<int> RunAsync(ToolHost host, Func<TimeSpan> findLimit, Func<TimeSpan, Task<HookAnswer>> hook)
    {
        HookAnswer answer;
        try
        {
            var limit = findLimit();
            answer = await Task.Run(() => hook(limit)).WaitAsync(limit, host.Time);
        }
        catch (TimeoutException)
        {
            answer = HookAnswer.Nothing;
        }
        catch (Exception fault)
        {
            answer = Fault(fault);
        }

        answer.Say(host.Streams);
        return ExitCodes.Done;
    }

    /// <summary>
    /// Whether a command line calls a hook, whatever else is wrong with it. An exit code of 2, which says so elsewhere, would block the host.
    /// </summary>
    public static bool IsCalledBy(IReadOnlyList<string> arguments)
    {
        for (var at = 0; at < arguments.Count; at++)
        {
            var argument = arguments[at];
            if (argument is "-C" or "--cwd")
                at++;
            else if (argument.Length < 2 || argument[0] != '-')
                return string.Equals(argument, CommandName, StringComparison.Ordinal);
        }

        return false;
    }

    /// <summary>Says what is wrong with the command line of a hook.</summary>
    public static int Refuse(ToolHost host, string sentence, string? hint)
    {
        new HookAnswer.Note($"{CommandApplication.ToolName} {CommandName}: {sentence}{(hint is null ? "" : " " + hint)}").Say(host.Streams);
        return ExitCodes.Done;
    }

    /// <summary>What is said of a fault of ours.</summary>
    public static HookAnswer Fault(Exception fault) =>
        new HookAnswer.Note($"{CommandApplication.ToolName}: the hook failed and was passed over. {fault.GetType().Name}: {fault.Message}");
}
