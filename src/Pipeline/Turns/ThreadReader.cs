using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Turns;

/// <summary>What came of reading a thread: closed, one of three.</summary>
public abstract record ThreadLookup
{
    private ThreadLookup()
    {
    }

    /// <summary>It was read.</summary>
    /// <param name="Thread">The thread.</param>
    public sealed record Found(ThreadSnapshot Thread) : ThreadLookup;

    /// <summary>There is no such thread, or nothing was ever written to it: no turn of it ran.</summary>
    /// <param name="Sentence">The server's sentence.</param>
    public sealed record NotThere(string Sentence) : ThreadLookup;

    /// <summary>It cannot be read (an ephemeral thread, a damaged file, a mute server): nothing is known.</summary>
    /// <param name="Sentence">Why.</param>
    public sealed record Unreadable(string Sentence) : ThreadLookup;
}

/// <summary>Reads threads back.</summary>
public static class ThreadReader
{
    /// <summary>Reads a thread with its turns. It need not be loaded, and is not loaded by this.</summary>
    /// <param name="session">The server to ask.</param>
    /// <param name="threadId">The thread.</param>
    /// <param name="cwd">The directory that touched files are told relative to.</param>
    /// <param name="limit">How long to wait.</param>
    /// <exception cref="ConnectionLostException">The connection is gone.</exception>
    public static async Task<ThreadLookup> ReadAsync(IAppServerSession session, string threadId, string cwd, TimeSpan limit)
    {
        try
        {
            var answer = await session.CallAsync(AppServerMethods.ThreadRead, AppServerCalls.ThreadRead(threadId, includeTurns: true), limit);
            return new ThreadLookup.Found(ThreadSnapshot.Read(threadId, answer.Member("thread"), cwd));
        }
        catch (RpcErrorException e)
        {
            return ThreadTexts.SaysNotFound(e.Error.Message) || ThreadTexts.SaysNothingYet(e.Error.Message)
                ? new ThreadLookup.NotThere(e.Error.Message)
                : new ThreadLookup.Unreadable(e.Error.Message);
        }
        catch (RpcTimeoutException e)
        {
            return new ThreadLookup.Unreadable(e.Message);
        }
    }
}
