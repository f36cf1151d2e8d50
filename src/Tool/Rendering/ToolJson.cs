using System.Text.Json.Serialization;
using CodexCompanion.Tool.Doctor.Journal;

namespace CodexCompanion.Tool.Rendering;

/// <summary>
/// Every JSON shape the tool prints or stores. Nulls are written, so that a reader can tell "none" from "not known here". Writing only:
/// generated writers cost a short command far less than the library's metadata, which has to be compiled at every start.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(ErrorJson))]
[JsonSerializable(typeof(LaunchJson))]
[JsonSerializable(typeof(VersionJson))]
[JsonSerializable(typeof(HelpJson))]
[JsonSerializable(typeof(TaskJson))]
[JsonSerializable(typeof(FailedTaskJson))]
[JsonSerializable(typeof(BackgroundJson))]
[JsonSerializable(typeof(LostJobJson))]
[JsonSerializable(typeof(StopJson))]
[JsonSerializable(typeof(StatusJson))]
[JsonSerializable(typeof(JobStatusJson))]
[JsonSerializable(typeof(WaitedStatusJson))]
[JsonSerializable(typeof(ResultJson))]
[JsonSerializable(typeof(WaitJson))]
[JsonSerializable(typeof(CancelJson))]
[JsonSerializable(typeof(ResumeCandidateJson))]
[JsonSerializable(typeof(PruneJson))]
[JsonSerializable(typeof(EventJson))]
[JsonSerializable(typeof(LogJson))]
[JsonSerializable(typeof(BrokerStatusJson))]
[JsonSerializable(typeof(BrokerStopJson))]
[JsonSerializable(typeof(CompletionJson))]
[JsonSerializable(typeof(ConfigJson))]
[JsonSerializable(typeof(HookNoteJson))]
[JsonSerializable(typeof(HookBlockJson))]
[JsonSerializable(typeof(Hooks.StopReviewMemory))]
[JsonSerializable(typeof(SelftestJson))]
[JsonSerializable(typeof(Setup.SetupJson))]
[JsonSerializable(typeof(Setup.UsageJson))]
[JsonSerializable(typeof(Transfer.TransferJson))]
[JsonSerializable(typeof(Reviews.ReviewJson))]
[JsonSerializable(typeof(Reviews.FailedReviewJson))]
[JsonSerializable(typeof(Reviews.ReviewRequestJson))]
[JsonSerializable(typeof(Reviews.ShownContextJson))]
[JsonSerializable(typeof(Reviews.FindingsJson))]
[JsonSerializable(typeof(Reviews.FindingDecisionJson))]
[JsonSerializable(typeof(DoctorJson))]
[JsonSerializable(typeof(DoctorListJson))]
[JsonSerializable(typeof(DoctorUndoJson))]
[JsonSerializable(typeof(DoctorBundleJson))]
[JsonSerializable(typeof(DoctorImportJson))]
[JsonSerializable(typeof(JournalLineJson))]
[JsonSerializable(typeof(Doctor.SalvagedRequestJson))]
internal sealed partial class ToolJson : JsonSerializerContext;
