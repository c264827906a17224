using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Traces.Assessments;

/// <summary>What an update changes on an assessment: the fields that its mask names.</summary>
internal sealed class AssessmentChange(AssessmentInput input, string mask)
{
    // A name with an underscore is no name in such a mask: it and what follows are not read.
    private readonly HashSet<string> fields = [.. mask.Split(',').TakeWhile(name => !name.Contains('_', StringComparison.Ordinal))];

    private ExpectationInput? Expectation => fields.Contains("expectation") ? input.Expectation ?? new ExpectationInput() : null;

    private FeedbackInput? Feedback => fields.Contains("feedback") ? input.Feedback ?? new FeedbackInput() : null;

    /// <exception cref="ApiException">Feedback and expectation do not turn into each other.</exception>
    public AssessmentRow Apply(AssessmentRow current, long now)
    {
        Check(current);
        var isExpectation = current.AssessmentType == AssessmentTypes.Expectation;
        var rationale = fields.Contains("rationale") ? input.Rationale ?? "" : current.Rationale;
        return current with
        {
            Name = fields.Contains("assessmentName") ? input.AssessmentName ?? "" : current.Name,
            Value = Expectation?.ToStored() ?? (Feedback is null ? current.Value : WireValue.ToStored(Feedback.Value)),
            Error = Feedback is null ? current.Error : Feedback.Error?.ToStored(),
            Rationale = isExpectation ? null : rationale,
            AssessmentMetadata = fields.Contains("metadata") ? MergedMetadata(current.AssessmentMetadata) : current.AssessmentMetadata,
            LastUpdatedTimestamp = now,
        };
    }

    private void Check(AssessmentRow current)
    {
        if (Expectation is not null && Feedback is not null)
            throw ApiException.Invalid("Cannot specify both `expectation` and `feedback` parameters.");
        if (Expectation is not null && current.AssessmentType != AssessmentTypes.Expectation)
            throw ApiException.Invalid("Cannot update expectation value on a Feedback assessment.");
        if (Feedback is not null && current.AssessmentType != AssessmentTypes.Feedback)
            throw ApiException.Invalid("Cannot update feedback value on an Expectation assessment.");
    }

    private string? MergedMetadata(string? current)
    {
        var members = current is not null && PythonJson.ParseOrKeep(current) is OrderedDictionary<string, object?> stored ? stored : [];
        foreach (var (key, value) in input.Metadata ?? [])
            members[key] = value;
        return members.Count == 0 ? null : PythonJson.Dump(members);
    }
}
