using System.Text;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Tests.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Rpc;

/// <summary>The other side of a connection, played by hand.</summary>
internal sealed class ScriptedSide(Stream stream)
{
    private readonly LineReader _reader = new(stream, 64 * 1024 * 1024);

    /// <summary>The next message; fails when there is none in time.</summary>
    public async Task<RpcMessage> ReadAsync()
    {
        var read = await _reader.ReadAsync().AsTask().WaitAsync(Wait.Limit);
        Assert.Equal(LineKind.Line, read.Kind);
        var message = RpcMessage.Parse(read.Line, out var problem);
        Assert.True(message is not null, problem);
        return message;
    }

    /// <summary>Whether the stream ends without another line.</summary>
    public async Task<bool> EndsAsync()
    {
        try
        {
            return (await _reader.ReadAsync().AsTask().WaitAsync(Wait.Limit)).Kind == LineKind.End;
        }
        catch (IOException)
        {
            return true; // Reset is an end, too.
        }
    }

    public async Task SayAsync(string line) => await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));

    public Task AnswerAsync(RpcMessage request, string result = "{}") =>
        SayAsync("{\"id\":" + Encoding.UTF8.GetString(request.Id.Span) + ",\"result\":" + result + "}");
}
