namespace LexIntel.Progress.Chaos.Rules;

/// <param name="Guarantee">Which guarantee is broken, such as <c>G2</c>.</param>
/// <param name="Document">Of which document; empty when it is about none.</param>
/// <param name="What">How, for a person.</param>
internal sealed record Violation(string Guarantee, string Document, string What);
