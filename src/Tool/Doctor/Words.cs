using System.Globalization;

namespace CodexCompanion.Tool.Doctor;

/// <summary>Numbers of things, as a person says them.</summary>
internal static class Words
{
    /// <summary>"1 job", "2 jobs".</summary>
    public static string Count(int number, string thing, string? things = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {(number == 1 ? thing : things ?? thing + "s")}");
}
