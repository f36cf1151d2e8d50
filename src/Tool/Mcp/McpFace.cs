using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace CodexCompanion.Tool.Mcp;

/// <summary>
/// The tool as a server of the Model Context Protocol, on stdin and stdout. It holds nothing of its own: jobs run in workers, and their state lies
/// where every other command finds it. It ends when its host does, and the jobs go on.
/// </summary>
internal static class McpFace
{
    private const string Instructions =
        "Delegates work to OpenAI's Codex. 'task' and 'review' run a job and return its answer; with background they return the job's id at once, and 'wait' "
        + "or 'result' bring the answer later. A task is read-only unless write is true. Cancelling a running 'task' or 'review' stops its job; a host that "
        + "goes away does not.";

    /// <summary>Serves until the host closes stdin.</summary>
    public static async Task ServeAsync(ToolHost host)
    {
        await using var messages = new HostMessages(new StreamServerTransport(host.Streams.OpenInput(), host.Streams.OpenOutput(), CommandApplication.ToolName));
        await using var server = McpServer.Create(messages, Options(new ToolCalls(host, messages), new JobResources(host)));
        // Ends when every call has: a job that was being cancelled when the host left is still proved stopped.
        await server.RunAsync();
    }

    // Handlers by name: the library's own discovery would look at types.
    private static McpServerOptions Options(ToolCalls calls, JobResources resources) => new()
    {
        ServerInfo = new Implementation { Name = CommandApplication.ToolName, Version = ToolVersion.Text },
        ServerInstructions = Instructions,
        Capabilities = new ServerCapabilities { Tools = new ToolsCapability(), Resources = new ResourcesCapability() },
        Handlers = new McpServerHandlers
        {
            ListToolsHandler = (_, _) => ValueTask.FromResult(new ListToolsResult { Tools = [.. ToolCatalog.All.Select(tool => tool.Shape())] }),
            CallToolHandler = calls.CallAsync,
            ListResourcesHandler = async (_, _) => await resources.ListAsync(),
            ListResourceTemplatesHandler = (_, _) => ValueTask.FromResult(JobResources.Templates),
            ReadResourceHandler = async (request, _) => await resources.ReadAsync(request.Params.Uri),
        },
    };
}
