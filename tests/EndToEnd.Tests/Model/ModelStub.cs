using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace CodexCompanion.EndToEnd.Tests.Model;

/// <summary>
/// A model on the loopback interface: it serves <c>POST /v1/responses</c> as server-sent events and <c>GET /v1/models</c>, does what the directives in the
/// prompt say, else repeats the prompt's first line, and keeps a journal of what it was asked.
/// </summary>
internal sealed class ModelStub : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Lock _gate = new();
    private readonly List<ModelRequest> _journal = [];
    private readonly List<Exception> _failures = [];
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _holds = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _scripts = new(StringComparer.Ordinal);
    private readonly Task _serving;
    private int _inFlight;

    public ModelStub()
    {
        _listener.Start();
        _serving = Task.Run(ServeAsync);
    }

    /// <summary>The base URL for codex's provider configuration.</summary>
    public string BaseUrl => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1";

    /// <summary>Everything asked so far, in the order of arrival.</summary>
    public IReadOnlyList<ModelRequest> Journal
    {
        get
        {
            lock (_gate)
                return [.. _journal];
        }
    }

    /// <summary>Requests the stub could not make sense of: each is a fault of the stub or of a test.</summary>
    public IReadOnlyList<Exception> Failures
    {
        get
        {
            lock (_gate)
                return [.. _failures];
        }
    }

    /// <summary>The most requests that were open at one time.</summary>
    public int MaxInFlight => Journal.Select(request => request.InFlight).DefaultIfEmpty().Max();

    /// <summary>The requests whose prompt contains <paramref name="text"/>.</summary>
    public IReadOnlyList<ModelRequest> Asked(string text) => [.. Journal.Where(request => request.Prompt.Contains(text, StringComparison.Ordinal))];

    /// <summary>Adds directives to every prompt that contains a text: for prompts that codex itself writes.</summary>
    public void Script(string contains, string directives) => _scripts[contains] = directives;

    /// <summary>Lets the requests go on that wait for this name, and all that come later.</summary>
    public void LetGo(string name) => HoldOf(name).TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync(_stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return; // the stub is being disposed
            }

            _ = Task.Run(() => AnswerAsync(client));
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        try
        {
            using (client)
            using (var connection = new HttpConnection(client))
            {
                if (await connection.ReadAsync(_stop.Token) is { } request)
                    await AnswerAsync(connection, request);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // codex was killed or the stub is being disposed: the journal has it as ClientLeft
        }
        catch (Exception e)
        {
            lock (_gate)
                _failures.Add(e);
        }
    }

    private async Task AnswerAsync(HttpConnection connection, HttpRequest request)
    {
        switch (request.Method, request.Path.Split('?')[0])
        {
            case ("GET", "/v1/models"):
                await connection.SendAsync(200, "application/json", """{"object":"list","data":[],"models":[]}""", _stop.Token);
                break;
            case ("POST", "/v1/responses"):
                using (var body = JsonDocument.Parse(request.Body))
                    await AnswerTurnAsync(connection, Enter(request, Scripted(Conversation.Read(body.RootElement))));
                break;
            default:
                await connection.SendAsync(404, "application/json", """{"error":{"message":"the stub has no such endpoint"}}""", _stop.Token);
                throw new InvalidOperationException($"unexpected request {request.Method} {request.Path}");
        }
    }

    private async Task AnswerTurnAsync(HttpConnection connection, ModelRequest entry)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var watch = connection.CancelWhenClosedAsync(gone);
        var end = RequestEnd.ClientLeft;
        try
        {
            var answer = Answer.To(entry.Conversation);
            if (answer.Hold is { } name)
                await HoldOf(name).Task.WaitAsync(gone.Token);
            end = await new AnswerWriter(connection, entry.Number).WriteAsync(answer, gone.Token);
        }
        finally
        {
            lock (_gate)
            {
                entry.End = end;
                _inFlight--;
            }

            await gone.CancelAsync();
            await watch;
        }
    }

    private Conversation Scripted(Conversation conversation)
    {
        foreach (var (contains, directives) in _scripts)
            if (conversation.Prompt.Contains(contains, StringComparison.Ordinal))
                conversation = conversation with { Prompt = $"{conversation.Prompt}\n{directives}" };
        return conversation;
    }

    private TaskCompletionSource HoldOf(string name) =>
        _holds.GetOrAdd(name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private ModelRequest Enter(HttpRequest request, Conversation conversation)
    {
        lock (_gate)
        {
            var entry = new ModelRequest(_journal.Count + 1, request.Headers.GetValueOrDefault("thread-id", ""), conversation, _clock.Elapsed, ++_inFlight);
            _journal.Add(entry);
            return entry;
        }
    }
}
