using System.Text;
using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Commands;

/// <summary>Finds the prompt: arguments, or a file, or stdin when neither was given. stdin is not touched for anything else.</summary>
internal static class PromptInput
{
    /// <summary>What a path stands for when it is not a path.</summary>
    private const string Stdin = "-";

    private const string PromptInstead = "Give the prompt as arguments or by --prompt-file.";

    // What turn/start takes, in characters; a longer one would be refused by the server after all the work of getting there.
    private const int LongestPrompt = 1_048_576;

    // A prompt that fits takes at most four bytes a character; beyond that reading on is pointless.
    private const int LargestInput = 4 * LongestPrompt;

    // Strict: what is not UTF-8 must not reach Codex in another spelling.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The whole prompt, material below it included.</summary>
    public static Attempt<string> Read(CommandCall call, ToolHost host)
    {
        var file = call.Options.Value(TaskOptions.PromptFile);
        var context = call.Options.Value(TaskOptions.ContextFile);
        var hasRaw = call.RawText is not null && !string.IsNullOrWhiteSpace(call.RawText);
        var sources = (call.Words.Count > 0 ? 1 : 0) + (file is null ? 0 : 1) + (hasRaw ? 1 : 0);
        if (sources > 1)
            return CommandError.Usage("The prompt was given twice: give it as arguments, by --prompt-file or on stdin.");

        var stdinUses = (call.RawText is null ? 0 : 1) + (file == Stdin ? 1 : 0) + (context == Stdin ? 1 : 0);
        if (stdinUses > 1 || (sources == 0 && call.RawText is null && context == Stdin))
            return CommandError.Usage("stdin can be used for one thing only: the prompt, the material below it or the arguments.");

        var prompt = Text(call, host, file);
        if (prompt.Error is not null)
            return prompt;
        if (string.IsNullOrWhiteSpace(prompt.Value))
            return CommandError.Usage("The prompt is empty.", "Give it as arguments, by --prompt-file or on stdin.");
        var whole = context is null ? prompt : WithMaterial(prompt.Value!, context, host);
        return whole.Value is { Length: > LongestPrompt } text && Characters(text) is > LongestPrompt and var characters
            ? CommandError.Usage($"The prompt has {characters} characters; Codex takes at most {LongestPrompt}.")
            : whole;
    }

    /// <summary>Reads stdin to its end.</summary>
    /// <param name="host">Has it.</param>
    /// <param name="what">What is expected there, for the sentence to a person who types.</param>
    /// <param name="instead">What that person can do.</param>
    public static Attempt<string> ReadStdin(ToolHost host, string what, string instead)
    {
        if (host.Streams.InputIsTerminal())
        {
            return CommandError.Usage($"Nothing was given: {what} would be read from stdin, and that is a terminal.", instead);
        }

        try
        {
            using var input = host.Streams.OpenInput();
            return Decode(ReadAll(input), "stdin");
        }
        catch (IOException problem)
        {
            return CommandError.Usage($"stdin cannot be read: {problem.Message}");
        }
    }

    private static Attempt<string> Text(CommandCall call, ToolHost host, string? file)
    {
        if (call.Words.Count > 0)
            return string.Join(' ', call.Words);
        if (file is not null)
            return FromFile(file, "--prompt-file", host);
        return call.RawText ?? ReadStdin(host, "the prompt", PromptInstead);
    }

    private static Attempt<string> WithMaterial(string prompt, string context, ToolHost host)
    {
        var material = FromFile(context, "--context-file", host);
        if (material.Error is not null)
            return material;
        var name = context == Stdin ? "stdin" : context;
        return $"{prompt}\n\nMaterial from {name}:\n\n{material.Value}";
    }

    private static Attempt<string> FromFile(string path, string option, ToolHost host)
    {
        if (path == Stdin)
        {
            return option == TaskOptions.PromptFile.Display
                ? ReadStdin(host, "the prompt", PromptInstead)
                : ReadStdin(host, "the material", "Pipe it in, or name its file: --context-file FILE.");
        }

        try
        {
            if (WorkingDirectory.Absolute(path, host) is not { } full)
                return CommandError.Usage($"The current directory is gone, so {option} needs an absolute path.");
            if (Directory.Exists(full))
                return CommandError.Usage($"{option} {path}: that is a directory.");
            using var stream = new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return Decode(ReadAll(stream), $"{option} {path}");
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            return CommandError.Usage($"{option} {path}: there is no such file.");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return CommandError.Usage($"{option} {path} cannot be read: {problem.Message}");
        }
    }

    private static byte[] ReadAll(Stream stream)
    {
        using var content = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while (content.Length <= LargestInput && (read = stream.Read(buffer, 0, buffer.Length)) > 0)
            content.Write(buffer, 0, read);
        return content.ToArray();
    }

    private static Attempt<string> Decode(byte[] bytes, string source)
    {
        if (bytes.Length > LargestInput)
            return CommandError.Usage($"{source} is larger than any prompt Codex takes ({LongestPrompt} characters).");

        // An editor's mark of the encoding is not part of the text.
        var text = bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsSpan(3) : bytes;
        try
        {
            return Utf8.GetString(text);
        }
        catch (DecoderFallbackException)
        {
            return CommandError.Usage($"{source} is not UTF-8 text.");
        }
    }

    private static int Characters(string text) => text.Length - text.Count(char.IsLowSurrogate);
}
