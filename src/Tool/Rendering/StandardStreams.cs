using System.Text;

namespace CodexCompanion.Tool.Rendering;

/// <summary>Standard input, output and error, opened when they are needed.</summary>
internal sealed class StandardStreams(Func<Stream> input, Func<Stream> output, Func<Stream> error)
{
    // Where the terminal does not tell its width: the classic one.
    private const int UsualWidth = 80;

    // Bytes as they are: no mark at the begin, and lone surrogates become U+FFFD instead of an exception in the last moment.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly Lazy<Stream> _output = new(output);
    private readonly Lazy<Stream> _error = new(error);
    private readonly Lock _errorGate = new();
    private bool _errorGone;

    /// <summary>Whether a person types standard input.</summary>
    public Func<bool> InputIsTerminal { get; init; } = () => false;

    /// <summary>Whether a person sees standard error.</summary>
    public Func<bool> ErrorIsTerminal { get; init; } = () => false;

    /// <summary>Whether a person sees standard output.</summary>
    public Func<bool> OutputIsTerminal { get; init; } = () => false;

    /// <summary>Columns of the terminal that shows standard error.</summary>
    public Func<int> ErrorWidth { get; init; } = () => UsualWidth;

    /// <summary>Columns of the terminal that shows standard output.</summary>
    public Func<int> OutputWidth { get; init; } = () => UsualWidth;

    /// <summary>Opens standard input. Nothing else ever touches it.</summary>
    public Stream OpenInput() => input();

    /// <summary>Standard output itself, for who writes nothing but a protocol to it.</summary>
    public Stream OpenOutput() => _output.Value;

    /// <summary>Why standard output could not be written; null when it could, or when its reader just had enough.</summary>
    public string? OutputFailure { get; private set; }

    /// <summary>Writes to standard output.</summary>
    /// <exception cref="IOException">Nobody reads it any more, or the disk it goes to is full.</exception>
    public void WriteOutput(string text)
    {
        try
        {
            Put(text);
        }
        catch (IOException e)
        {
            OutputFailure = IsFailure(e) ? e.Message : OutputFailure;
            throw;
        }
    }

    /// <summary>Writes what must not get lost, because something has begun that is found again by it: to standard error where standard output cannot be
    /// written, and then that is no failure. A reader that has gone wants it nowhere.</summary>
    public void WriteAnywhere(string text)
    {
        try
        {
            Put(text);
        }
        catch (IOException e)
        {
            if (IsFailure(e))
                WriteError(text);
        }
    }

    /// <summary>Writes to standard error. That it cannot be written is no reason to stop working.</summary>
    public void WriteError(string text)
    {
        lock (_errorGate)
        {
            if (_errorGone)
                return;
            try
            {
                _error.Value.Write(Utf8.GetBytes(text));
                _error.Value.Flush();
            }
            catch (IOException)
            {
                // Whoever read it has gone: say nothing more there.
                _errorGone = true;
            }
        }
    }

    /// <summary>Writes one line to standard error.</summary>
    public void WriteErrorLine(string line) => WriteError(line + "\n");

    /// <summary>Those of this process.</summary>
    public static StandardStreams OfProcess()
    {
        var streams = OperatingSystem.IsWindows()
            ? (Func<int, Stream>)(number => number switch
            {
                0 => Console.OpenStandardInput(),
                1 => Console.OpenStandardOutput(),
                _ => Console.OpenStandardError(),
            })
            : DescriptorStream.Inherited;
        return new StandardStreams(() => streams(0), () => streams(1), () => streams(2))
        {
            InputIsTerminal = () => !Console.IsInputRedirected,
            ErrorIsTerminal = () => !Console.IsErrorRedirected,
            OutputIsTerminal = () => !Console.IsOutputRedirected,
            ErrorWidth = () => TerminalSize.Columns(2),
            OutputWidth = () => TerminalSize.Columns(1),
        };
    }

    // Windows has no word of its own for a reader that is gone which would be worth telling apart here.
    private static bool IsFailure(IOException refused) => !OperatingSystem.IsWindows() && !DescriptorStream.IsReaderGone(refused);

    private void Put(string text)
    {
        _output.Value.Write(Utf8.GetBytes(text));
        _output.Value.Flush();
    }
}
