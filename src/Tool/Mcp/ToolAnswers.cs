using System.Text.Json;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Rendering;
using ModelContextProtocol.Protocol;

namespace CodexCompanion.Tool.Mcp;

/// <summary>Answers in the protocol's words: a text for the model, and the object that the same command prints with <c>--json</c>.</summary>
internal static class ToolAnswers
{
    /// <summary>An object, which is its own text.</summary>
    public static CallToolResult Object(JsonElement value) => Of(JsonText.Line(value), value);

    /// <summary>A text and its object.</summary>
    public static CallToolResult Of(string text, JsonElement value) =>
        new() { Content = [new TextContentBlock { Text = text }], StructuredContent = value, IsError = false };

    /// <summary>An error: one sentence, and the error object.</summary>
    public static CallToolResult Error(CommandError error) =>
        Error(error.Message, JsonText.Element(new ErrorJson(ErrorDetail.Of(error)), ToolJson.Default.ErrorJson));

    /// <summary>The error that a command line printed.</summary>
    public static CallToolResult Error(OwnCommandEnd end) => Error(end.Error!.Value.GetProperty("message").GetString() ?? "", end.Output);

    /// <summary>How a job ended.</summary>
    public static CallToolResult Ended(FoundJob found, CommandNames names)
    {
        var result = StoredResult.Of(found.Job, names);
        var value = result.ForProgram(found.Job);
        if (result.Error is not null)
            return Error(result.Error.Message, value);
        var answer = Of(result.Text, value);
        answer.Content.Add(new TextContentBlock { Text = Origin(found.Job) });
        return answer;
    }

    /// <summary>A job that goes on.</summary>
    public static CallToolResult GoesOn(FoundJob found)
    {
        var job = found.Job;
        var value = new BackgroundJson(job.Id, JobView.Word(job.Status), job.Title, job.Summary, job.LogFile, []);
        return Of($"Job {job.Id} is {JobView.Word(job.Status)}. The tool 'wait' brings its answer.", JsonText.Element(value, ToolJson.Default.BackgroundJson));
    }

    private static CallToolResult Error(string sentence, JsonElement value) =>
        new() { Content = [new TextContentBlock { Text = Plain.OneLine(sentence) }], StructuredContent = value, IsError = true };

    // Beside the answer, not in it: a model can go on with the thread, and a person can find the job.
    private static string Origin(JobRecord job) => job.ThreadId is { } thread
        ? $"Job {job.Id}, Codex thread {thread}; the tool 'task' continues it when it is given this thread."
        : $"Job {job.Id}.";
}
