using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CodexCompanion.StateStore.Records;

/// <summary>
/// Times as JavaScript writes them: UTC, milliseconds, Z. The old runtime compares such texts to sort jobs. Any ISO time is read.
/// </summary>
internal sealed class TimestampConverter : JsonConverter<DateTimeOffset>
{
    /// <summary>The format, also that of the logs.</summary>
    public const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>A time as text.</summary>
    public static string Write(DateTimeOffset time) => time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(Write(value));
}
