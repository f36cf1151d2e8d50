using System.Text;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Tests.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Rpc;

/// <summary>The other side of a connection, played by hand.</summary>
internal sealed class ScriptedSide(Stream stream)
{
    private readonly LineReader _reader = new(stream, 64 * 1024 * 1024);

    /// <summary>The next line; fails when there is none in time.</summary>
    public async Task<string> ReadLineAsync()
    {
        var read = await _reader.ReadAsync().AsTask().WaitAsync(Wait.Limit);
        Assert.Equal(LineKind.Line, read.Kind);
        return Encoding.UTF8.GetString(read.Line.Span);
    }

    /// <summary>The next line, which must be a message.</summary>
    public async Task<RpcMessage> ReadAsync()
    {
        var message = RpcMessage.Parse(Encoding.UTF8.GetBytes(await ReadLineAsync()), out var problem);
        Assert.True(message is not null, problem);
        return message;
    }

    public async Task SayAsync(string line) => await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));

    public Task AnswerAsync(RpcMessage request, string result = "{}") =>
        SayAsync("{\"id\":" + Encoding.UTF8.GetString(request.Id.Span) + ",\"result\":" + result + "}");
}
