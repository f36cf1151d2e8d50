using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Journal;
using CodexCompanion.Tool.Selftest.Simulator.Script;
using CodexCompanion.Tool.Selftest.Simulator.Wire;

namespace CodexCompanion.Tool.Selftest.Simulator.Methods;

/// <summary>Answers requests, one after the other.</summary>
internal sealed class RequestDispatcher
{
    private const string Initialize = "initialize";

    private readonly ServerContext _server;
    private readonly OrderedDictionary<string, Func<JsonObject, Task<Answer>>> _methods;
    private bool _initialized;

    public RequestDispatcher(ServerContext server)
    {
        _server = server;
        var threads = new ThreadMethods(server);
        var care = new ThreadCareMethods(server);
        var turns = new TurnMethods(server);
        var account = new AccountMethods(server);
        _methods = new OrderedDictionary<string, Func<JsonObject, Task<Answer>>>(StringComparer.Ordinal)
        {
            [Initialize] = InitializeAsync,
            ["thread/start"] = Now(threads.Start),
            ["thread/resume"] = Now(threads.Resume),
            ["thread/fork"] = Now(threads.Fork),
            ["thread/archive"] = care.ArchiveAsync,
            ["thread/delete"] = care.DeleteAsync,
            ["thread/unsubscribe"] = Now(care.Unsubscribe),
            ["thread/name/set"] = Now(care.SetName),
            ["thread/unarchive"] = Now(care.Unarchive),
            ["thread/list"] = Now(care.List),
            ["thread/loaded/list"] = Now(care.ListLoaded),
            ["thread/read"] = Now(threads.Read),
            ["thread/backgroundTerminals/clean"] = Now(care.CleanTerminals),
            ["turn/start"] = turns.StartAsync,
            ["turn/steer"] = Now(turns.Steer),
            ["turn/interrupt"] = Now(turns.Interrupt),
            ["review/start"] = Now(turns.Review),
            ["model/list"] = Now(account.ListModels),
            ["account/rateLimits/read"] = Now(account.ReadRateLimits),
            ["config/read"] = Now(account.ReadConfig),
            ["externalAgentConfig/import"] = Now(new ImportMethods(server).Import),
            ["configRequirements/read"] = Now(account.ReadRequirements),
            ["account/read"] = Now(account.Read),
        };
    }

    /// <summary>Takes one message of the client.</summary>
    /// <returns>Whether more is to be read: a fault may have stdin closed.</returns>
    public async Task<bool> TakeAsync(JsonObject message)
    {
        if (message["method"] is not JsonValue method)
        {
            _server.Channel.TakeAnswer(message);
            return true;
        }

        // The one notification clients send, "initialized", changes nothing.
        if (message["id"] is not { } id)
            return true;
        await _server.Faults.StrikeAsync(FaultPoint.Request);
        try
        {
            var answer = await DispatchAsync(method.GetValue<string>(), message);
            _server.Channel.Answer(id, answer.Result);
            answer.Then?.Invoke();
        }
        catch (RpcRefusalException refusal)
        {
            _server.Channel.Refuse(id, refusal);
        }

        return !_server.Faults.StdinIsToBeClosed;
    }

    private static Func<JsonObject, Task<Answer>> Now(Func<JsonObject, Answer> method) => message => Task.FromResult(method(message));

    private static Func<JsonObject, Task<Answer>> Now(Func<Answer> method) => _ => Task.FromResult(method());

    private Task<Answer> DispatchAsync(string method, JsonObject message)
    {
        if (!_methods.TryGetValue(method, out var handle))
            throw Parameters.UnknownVariant(method, [.. _methods.Keys]);
        if (!_initialized && method is not Initialize)
            throw new RpcRefusalException("Not initialized");
        return handle(message);
    }

    private async Task<Answer> InitializeAsync(JsonObject message)
    {
        if (_initialized)
            throw new RpcRefusalException("Already initialized");
        var parameters = Parameters.Of(message);
        var client = parameters.Object("clientInfo") ?? throw new RpcRefusalException("Invalid request: missing field `clientInfo`");
        _server.ClientName = new Parameters(client).Text("name");
        if (parameters.Object("capabilities") is { } capabilities)
        {
            _server.Experimental = new Parameters(capabilities).Flag("experimentalApi");
            _server.Channel.OptOut(
                (capabilities["optOutNotificationMethods"] as JsonArray ?? []).Select(m => m?.GetValue<string>()).OfType<string>());
        }

        var faults = await _server.Faults.StrikeAsync(FaultPoint.Initialize);
        _initialized = true;
        _server.Journal.Write(JournalEvents.Initialized, e => e with { Why = _server.ClientName });
        var version = faults.LastOrDefault(f => f.Action is FaultAction.ReportVersion)?.Text ?? _server.Dialect.Version;
        var answer = new JsonObject
        {
            ["userAgent"] = $"{_server.ClientName}/{version} (simulated; {Environment.OSVersion.Platform}) ({client["name"]}; {client["version"]})",
            ["codexHome"] = _server.Home.Root,
            ["platformFamily"] = OperatingSystem.IsWindows() ? "windows" : "unix",
            ["platformOs"] = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "macos" : "linux",
        };
        return new Answer(answer, SayHello);
    }

    private void SayHello() => _server.Channel.Notify("remoteControl/status/changed", new JsonObject
    {
        ["status"] = "disabled",
        ["serverName"] = "simulation",
        ["installationId"] = Guid.Empty.ToString(),
        ["environmentId"] = null,
    });
}
