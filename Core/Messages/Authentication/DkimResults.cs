namespace EmailIngestion.Messages.Authentication;

/// <summary>The results of DKIM (RFC 8601, section 2.7.1) that this product gives.</summary>
internal static class DkimResults
{
    public const string Pass = "pass";
    public const string Fail = "fail";

    /// <summary>The signature was not checked, or says too little.</summary>
    public const string Neutral = "neutral";

    /// <summary>DNS did not answer. A later check may give another result.</summary>
    public const string TempError = "temperror";

    /// <summary>The signature or its key is wrong. A later check gives the same result.</summary>
    public const string PermError = "permerror";
}
