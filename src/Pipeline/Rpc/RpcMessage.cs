using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace CodexCompanion.Pipeline.Rpc;

/// <summary>What a line of the protocol is.</summary>
public enum RpcKind
{
    /// <summary>Wants an answer.</summary>
    Request,

    /// <summary>Wants none.</summary>
    Notification,

    /// <summary>Answers a request.</summary>
    Response,
}

/// <summary>
/// One line of JSON-RPC in the app-server's dialect (no <c>jsonrpc</c> member needed), cut into its members and otherwise left as the
/// bytes it came in, so that a broker can pass it on without reading it.
/// </summary>
public sealed class RpcMessage
{
    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = RpcMembers.ReaderOptions.MaxDepth };

    private string? _threadId;
    private bool _threadIdRead;

    private RpcMessage(ReadOnlyMemory<byte> line) => Line = line;

    /// <summary>The whole line, without LF.</summary>
    public ReadOnlyMemory<byte> Line { get; }

    /// <summary>What it is.</summary>
    public RpcKind Kind { get; private set; }

    /// <summary>The id as it was written (a number or a quoted string); empty in a notification.</summary>
    public ReadOnlyMemory<byte> Id { get; private set; }

    /// <summary>The method; empty in a response.</summary>
    public string Method { get; private set; } = "";

    /// <summary>The params as they were written; empty when there are none.</summary>
    public ReadOnlyMemory<byte> Params { get; private set; }

    /// <summary>The result as it was written; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Result { get; private set; }

    /// <summary>The error as it was written; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Error { get; private set; }

    /// <summary>The thread a request or notification speaks of (<c>threadId</c>, <c>thread.id</c> or the older <c>conversationId</c>);
    /// null when of none.</summary>
    public string? ThreadId
    {
        get
        {
            if (!_threadIdRead)
            {
                _threadId = RpcMembers.FindThreadId(Params.Span);
                _threadIdRead = true;
            }

            return _threadId;
        }
    }

    /// <summary>Cuts a line into its members.</summary>
    /// <returns>Null when it is not a message, with a sentence in <paramref name="problem"/>.</returns>
    public static RpcMessage? Parse(ReadOnlyMemory<byte> line, out string? problem)
    {
        try
        {
            var message = new RpcMessage(line);
            problem = message.Read();
            return problem is null ? message : null;
        }
        catch (JsonException e)
        {
            problem = $"not JSON: {e.Message}";
            return null;
        }
    }

    /// <summary>The params as a tree; an undefined element when there are none.</summary>
    public JsonElement ReadParams() => ToElement(Params);

    /// <summary>Parses a member cut out of a message.</summary>
    public static JsonElement ToElement(ReadOnlyMemory<byte> json)
    {
        if (json.IsEmpty)
            return default;
        using var document = JsonDocument.Parse(json, DocumentOptions);
        return document.RootElement.Clone();
    }

    private string? Read()
    {
        // The JSON reader looks into no text it passes over; whoever reads it later would be the one to stumble.
        if (!Utf8.IsValid(Line.Span))
            return "not UTF-8";
        var reader = new Utf8JsonReader(Line.Span, RpcMembers.ReaderOptions);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return "not a JSON object";

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = WhichMember(ref reader);
            reader.Read();
            var token = reader.TokenType;
            if (member == Member.Method)
            {
                if (token != JsonTokenType.String)
                    return "'method' is not a string";
                Method = RpcMembers.Intern(ref reader);
                continue;
            }

            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var bytes = Line[start..(int)reader.BytesConsumed];
            switch (member)
            {
                case Member.Id when token is not (JsonTokenType.String or JsonTokenType.Number):
                    return "'id' is neither a number nor a string";
                case Member.Id: Id = bytes; break;
                case Member.Params: Params = bytes; break;
                case Member.Result: Result = bytes; break;
                case Member.Error: Error = bytes; break;
            }
        }

        if (reader.Read())
            return "something stands behind the object";
        if (Method.Length > 0)
        {
            Kind = Id.IsEmpty ? RpcKind.Notification : RpcKind.Request;
            return null;
        }

        Kind = RpcKind.Response;
        return Id.IsEmpty || (Result.IsEmpty && Error.IsEmpty) ? "neither a request nor an answer" : null;
    }

    private static Member WhichMember(ref Utf8JsonReader reader) =>
        RpcMembers.NameIs(ref reader, "method"u8) ? Member.Method
        : RpcMembers.NameIs(ref reader, "params"u8) ? Member.Params
        : RpcMembers.NameIs(ref reader, "id"u8) ? Member.Id
        : RpcMembers.NameIs(ref reader, "result"u8) ? Member.Result
        : RpcMembers.NameIs(ref reader, "error"u8) ? Member.Error
        : Member.Other;

    /// <inheritdoc/>
    public override string ToString() => Encoding.UTF8.GetString(Line.Span);

    private enum Member
    {
        Other,
        Method,
        Params,
        Id,
        Result,
        Error,
    }
}
