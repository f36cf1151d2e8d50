using System.Globalization;
using System.Text;
using System.Xml;
using CodexCompanion.Tool.Reviews.Findings;
using CodexCompanion.Tool.Reviews.Ledger;

namespace CodexCompanion.Tool.Reviews.Rendering;

/// <summary>A review as JUnit XML: a finding that counts is a failed case, one that was decided about a skipped one.</summary>
internal static class JunitReview
{
    /// <summary>The document.</summary>
    public static string Render(ReviewView view)
    {
        var failures = view.Findings.Count(f => f.Counts);
        var skipped = view.Findings.Count - failures;
        var errors = view.Report is null ? 1 : 0;
        var cases = Math.Max(1, view.Findings.Count);
        var text = new StringBuilder();
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, NewLineChars = "\n", CheckCharacters = true, OmitXmlDeclaration = true }))
        {
            xml.WriteStartElement("testsuites");
            xml.WriteStartElement("testsuite");
            xml.WriteAttributeString("name", $"codex-companion {view.Kind}");
            xml.WriteAttributeString("tests", Number(cases));
            xml.WriteAttributeString("failures", Number(failures));
            xml.WriteAttributeString("errors", Number(errors));
            xml.WriteAttributeString("skipped", Number(skipped));
            xml.WriteStartElement("properties");
            Property(xml, "target", view.Target.Label);
            Property(xml, "compared", view.Target.Compared);
            Property(xml, "job", view.JobId);
            xml.WriteEndElement();
            foreach (var known in view.Findings)
                Case(xml, known);
            if (view.Findings.Count == 0)
                Whole(xml, view);
            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + text;
    }

    private static void Case(XmlWriter xml, KnownFinding known)
    {
        var finding = known.Finding;
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", Clean(finding.File));
        xml.WriteAttributeString("name", Clean($"{finding.Title} ({known.Id})"));
        xml.WriteAttributeString("file", Clean(finding.File));
        xml.WriteAttributeString("line", Number(finding.LineStart));
        if (known.Counts)
        {
            xml.WriteStartElement("failure");
            xml.WriteAttributeString("type", FindingsSchema.Of(finding.Severity));
            xml.WriteAttributeString("message", Clean($"{finding.Place}: {finding.Title}"));
            xml.WriteString(Clean(finding.Recommendation.Length > 0 ? $"{finding.Body}\n\nRecommendation: {finding.Recommendation}" : finding.Body));
            xml.WriteEndElement();
        }
        else
        {
            xml.WriteStartElement("skipped");
            xml.WriteAttributeString("message", known.News == FindingNews.Accepted ? "accepted" : "marked wrong");
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void Whole(XmlWriter xml, ReviewView view)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", view.Kind);
        xml.WriteAttributeString("name", Clean(view.Target.Label));
        if (view.Report is null)
        {
            xml.WriteStartElement("error");
            xml.WriteAttributeString("message", Clean(view.Reason ?? ""));
            xml.WriteString(Clean(view.Raw));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void Property(XmlWriter xml, string name, string value)
    {
        xml.WriteStartElement("property");
        xml.WriteAttributeString("name", name);
        xml.WriteAttributeString("value", Clean(value));
        xml.WriteEndElement();
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    // XML has no place for most control characters, nor for half of a surrogate pair.
    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i]))
                clean.Append(text[i]).Append(text[++i]);
            else
                clean.Append(XmlConvert.IsXmlChar(text[i]) ? text[i] : '\uFFFD');
        }

        return clean.ToString();
    }
}
