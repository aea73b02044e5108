using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Publishing;

/// <summary>Is told each report as it comes, before anything is conflated. Only tests register one.</summary>
/// <param name="reported">The state that was reported; without revision, which it gets when it is sent.</param>
internal delegate void ReportTap(in StateFields reported);
