using System.Text;
using System.Text.Json;
using CodexCompanion.Pipeline.Rpc;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Rpc;

/// <summary>What holds of every line. The runs are the same each time: a failure is one to repeat.</summary>
public sealed class RpcMessageProperties
{
    private static readonly Config Runs = Config.QuickThrowOnFailure
        .WithMaxTest(500)
        .WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(20260102, 304050607), FSharpOption<int>.None)));

    // Pieces that lines are made of, right and wrong: strung together at random they are sometimes JSON and sometimes nearly.
    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\"id\"", "\"method\"", "\"params\"", "\"result\"", "\"error\"", "\"threadId\"", "\"thread\"",
        "\"m\\u0065thod\"", "\"\\ud800\"", "\"\\ud83d\\ude42\"", "\"\\udc00d\"", "1", "-0", "1e400", "null", "true", " ", "\t", "\\", "\u00e9",
        "\u2028", "\ud83d\ude42", "\"x\"", "{\"id\":1,", "\"method\":\"m\"", "\"params\":{\"threadId\":", "\"thread\":{\"id\":", "[[[[[[[[[[[[[[[[[[[[",
    ];

    private static readonly Gen<byte[]> AnyBytes = Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf();

    private static readonly Gen<byte[]> NearlyJson = Gen.Elements(Pieces).ArrayOf().Select(p => Encoding.UTF8.GetBytes(string.Concat(p)));

    private static readonly Gen<string> AnyText = Gen.OneOf(
        Gen.Elements("", "a/b", "thread/start", "\"", "\\", "\n", "\u0000", "\u007f", "é", "\u2028", "🙂", "'<&+>"),
        Gen.Choose(32, 0x2fff).Select(c => (char)c).Where(c => !char.IsSurrogate(c)).ArrayOf().Select(c => new string(c)));

    private static readonly Gen<string> AnyJson = Gen.Sized(size => Json(Math.Min(size, 4)));

    private static readonly Gen<(string Id, string Method, string Parameters)> AnyParts =
        from id in Gen.OneOf(Gen.Choose(int.MinValue, int.MaxValue).Select(n => JsonSerializer.Serialize(n)), AnyText.Select(Quoted))
        from method in AnyText.Where(m => m.Length > 0)
        from parameters in AnyJson
        select (id, method, parameters);

    [Fact]
    public void No_line_whatever_makes_reading_throw() =>
        Holds(Gen.OneOf(AnyBytes, NearlyJson, Damaged()), line =>
        {
            var message = RpcMessage.Parse(line, out var problem);
            if (message is null)
                return !string.IsNullOrEmpty(problem);
            _ = message.ThreadId;
            _ = message.ReadParams();
            return problem is null && (message.Error.IsEmpty || RpcJson.ReadError(message.Error).Message is not null);
        });

    [Fact]
    public void What_was_composed_as_a_request_is_read_as_the_same_request() =>
        Holds(AnyParts, parts =>
        {
            var message = RoundTrip(parts.Id, parts.Method, "params", parts.Parameters);
            return message.Kind == RpcKind.Request
                && Text(message.Id) == parts.Id && message.Method == parts.Method && Text(message.Params) == parts.Parameters;
        });

    [Fact]
    public void What_was_composed_as_a_notification_is_read_as_the_same_notification() =>
        Holds(AnyParts, parts =>
        {
            var message = RoundTrip("", parts.Method, "params", parts.Parameters);
            return message.Kind == RpcKind.Notification
                && message.Id.IsEmpty && message.Method == parts.Method && Text(message.Params) == parts.Parameters;
        });

    [Fact]
    public void What_was_composed_as_an_answer_is_read_as_the_same_answer() =>
        Holds(AnyParts, parts =>
        {
            var result = RoundTrip(parts.Id, method: null, "result", parts.Parameters);
            var error = RoundTrip(parts.Id, method: null, "error", parts.Parameters);
            return result.Kind == RpcKind.Response && Text(result.Id) == parts.Id && Text(result.Result) == parts.Parameters
                && error.Kind == RpcKind.Response && Text(error.Error) == parts.Parameters && error.Result.IsEmpty;
        });

    [Fact]
    public void A_composed_line_is_one_line() =>
        Holds(AnyParts, parts => !RoundTrip(parts.Id, parts.Method, "params", parts.Parameters).Line.Span.Contains((byte)'\n'));

    // A good line with one byte changed, one taken out or one put in.
    private static Gen<byte[]> Damaged() =>
        from parts in AnyParts
        from at in Gen.Choose(0, 1_000_000)
        from with in Gen.Choose(0, 255)
        from how in Gen.Choose(0, 2)
        select Damage(RpcMembers.Compose(Bytes(parts.Id), parts.Method, "params"u8, Bytes(parts.Parameters)), at, (byte)with, how);

    private static byte[] Damage(byte[] line, int at, byte with, int how)
    {
        var index = at % line.Length;
        return how switch
        {
            0 => [.. line[..index], with, .. line[(index + 1)..]],
            1 => [.. line[..index], .. line[(index + 1)..]],
            _ => [.. line[..index], with, .. line[index..]],
        };
    }

    private static Gen<string> Json(int depth)
    {
        var plain = Gen.OneOf(
            Gen.Elements("null", "true", "false", "0", "-1.5e3", "\"\\ud800\"", "\"\\u0041\"", "{}", "[]"),
            Gen.Choose(int.MinValue, int.MaxValue).Select(n => JsonSerializer.Serialize(n)),
            AnyText.Select(Quoted));
        if (depth == 0)
            return plain;
        var below = Json(depth - 1);
        var names = Gen.OneOf(Gen.Elements("threadId", "thread", "id", "method", "conversationId"), AnyText);
        return Gen.OneOf(
            plain,
            below.ListOf(3).Select(items => $"[{string.Join(',', items)}]"),
            (from name in names from value in below select $"{Quoted(name)}:{value}").ListOf(3).Select(members => $"{{{string.Join(',', members)}}}"));
    }

    private static void Holds<T>(Gen<T> gen, Func<T, bool> property) => Check.One(Runs, Prop.ForAll(gen.ToArbitrary(), property));

    private static RpcMessage RoundTrip(string id, string? method, string lastName, string last)
    {
        var line = RpcMembers.Compose(Bytes(id), method, Bytes(lastName), Bytes(last));
        return RpcMessage.Parse(line, out var problem) ?? throw new InvalidOperationException($"{problem}: {Encoding.UTF8.GetString(line)}");
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
