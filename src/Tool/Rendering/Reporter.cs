using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Rendering;

/// <summary>Says how a command ended: for people a sentence on stderr, for programs one object on stdout.</summary>
internal static class Reporter
{
    /// <summary>Reports an error and answers its exit code.</summary>
    public static int Fail(StandardStreams streams, CommandError error, bool json)
    {
        if (json)
            TryPrint(streams, JsonText.Line(new ErrorJson(ErrorDetail.Of(error)), ToolJson.Default.ErrorJson) + "\n");
        else
            Tell(streams, error);
        return error.ExitCode;
    }

    /// <summary>Tells a person.</summary>
    public static void Tell(StandardStreams streams, CommandError error)
    {
        streams.WriteErrorLine("error: " + Plain.OneLine(error.Message));
        if (error.Hint is not null)
            streams.WriteErrorLine("hint: " + Plain.OneLine(error.Hint));
    }

    /// <summary>Prints to stdout.</summary>
    /// <returns>Whether somebody got it.</returns>
    public static bool TryPrint(StandardStreams streams, string text)
    {
        try
        {
            streams.WriteOutput(text);
            return true;
        }
        catch (IOException)
        {
            return false; // The caller knows what that means: for a result that it was not collected, for a help text nothing.
        }
    }
}
