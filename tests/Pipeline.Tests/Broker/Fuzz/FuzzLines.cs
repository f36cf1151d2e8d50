using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace CodexCompanion.Pipeline.Tests.Broker.Fuzz;

/// <summary>Lines as no well-meaning program writes them, and some that one would. The same ones at each run.</summary>
internal static class FuzzLines
{
    /// <summary>Longest sequence of one case: below the number of malformed lines after which a client is hung up on.</summary>
    public const int MostLines = 20;

    // Shapes JSON allows and nobody expects: huge, deep, doubled, of the wrong type.
    private static readonly string[] OddValues =
    [
        "null", "true", "0", "-0", "1e400", "-1e-400", "123456789012345678901234567890123456789012345678901234567890", "\"\"", "\"\\ud800\"", "\"\\u0000\"",
        "[]", "{}", "[[[[[[[[[[]]]]]]]]]]", "{\"threadId\":{}}", "{\"threadId\":[1]}", "{\"threadId\":null,\"threadId\":\"x\"}", "{\"thread\":{\"id\":7}}",
        "{\"thread\":\"t\"}", "{\"turn\":{\"id\":[]}}", "{\"cookie\":1,\"protocol\":\"x\"}", "{\"cookie\":\"c\",\"protocol\":1e99}",
    ];

    private static readonly string[] Garbage =
    [
        "", " ", "\t\r", "not json", "{", "}", "{\"id\":1", "{\"id\":1}", "[1,2,3]", "\"text\"", "null", "{}{}", "{\"method\":1,\"id\":1}", "{\"id\":{},\"method\":\"m\"}",
        "{\"id\":true,\"method\":\"m\"}", "{\"id\":1,\"id\":2,\"method\":\"m\"}", "\u001b[31mred\u001b[0m", "HTTP/1.1 400 Bad Request", "\u2028", "\ufeff{\"id\":1,\"method\":\"m\"}",
        "{\"id\":1,\"method\":\"\\ud800\"}", "{\"\\ud800\":1}", "{\"id\":1,\"result\":{}}", "{\"id\":999999999999999999999,\"result\":{}}", "{\"id\":\"ask-1\",\"error\":null}",
    ];

    /// <summary>The seed; a failure prints the case, and this brings it back.</summary>
    public static Config Runs(int cases) => Config.QuickThrowOnFailure
        .WithMaxTest(cases)
        .WithEndSize(MostLines)
        .WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(20260301, 706050403), FSharpOption<int>.None)));

    /// <summary>Sequences of lines, each a request of one of these methods, a notification, or something that is none at all.</summary>
    public static Gen<byte[][]> Any(params string[] methods) =>
        Gen.Sized(size => Line(methods).ArrayOf(Math.Clamp(size, 1, MostLines)));

    private static Gen<byte[]> Line(string[] methods) => Gen.OneOf(
        Gen.Elements(Garbage).Select(Encoding.UTF8.GetBytes),
        Gen.Choose(0, 255).Select(b => (byte)b).Where(b => b != (byte)'\n').ArrayOf(),
        Deep(),
        Message(methods),
        Message(methods),
        Damaged(methods));

    private static Gen<byte[]> Deep() =>
        from depth in Gen.Choose(1, 2000)
        from open in Gen.Elements("[", "{\"a\":")
        from closes in Gen.Elements(true, false)
        select Encoding.UTF8.GetBytes(
            "{\"id\":5,\"method\":\"m\",\"params\":" + string.Concat(Enumerable.Repeat(open, depth)) + (open == "[" ? "" : "1")
            + (closes ? new string(open == "[" ? ']' : '}', depth) : "") + "}");

    private static Gen<byte[]> Message(string[] methods) =>
        from id in Gen.OneOf(Gen.Choose(0, 5).Select(n => n.ToString(System.Globalization.CultureInfo.InvariantCulture)), Gen.Elements(OddValues), Gen.Elements("\"a\"", "\"a\\u0000b\"", "-7", "1.5"))
        from method in Gen.OneOf(Gen.Elements(methods), Gen.Elements("", "m", "turn/", "\\u0000", "é", "initialize"))
        from parameters in Gen.OneOf(Gen.Elements(OddValues), Gen.Elements("{\"threadId\":\"nobody's\"}"))
        from members in Gen.Elements("{\"id\":I,\"method\":\"M\",\"params\":P}", "{\"params\":P,\"method\":\"M\",\"id\":I}", "{\"method\":\"M\",\"params\":P}", "{\"id\":I,\"method\":\"M\"}", "{\"id\":I,\"result\":P}", "{\"id\":I,\"error\":P}")
        select Encoding.UTF8.GetBytes(members.Replace("P", parameters, StringComparison.Ordinal).Replace("M", method, StringComparison.Ordinal).Replace("I", id, StringComparison.Ordinal));

    private static Gen<byte[]> Damaged(string[] methods) =>
        from line in Message(methods)
        from at in Gen.Choose(0, 1_000_000)
        from with in Gen.Choose(0, 255).Where(b => b != '\n')
        select (byte[])[.. line[..(at % line.Length)], (byte)with, .. line[((at % line.Length) + 1)..]];
}
