using System.Runtime.Versioning;

// Modes, pipes and links are half of what is tested here.
[assembly: UnsupportedOSPlatform("windows")]
