using MimeKit.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;

namespace EmailIngestion.Messages.Authentication;

/// <summary>Finds the keys of one email's signatures for MimeKit. It asks for at most 5 names and ends after the second outage.</summary>
internal sealed class DkimKeyLocator(IDkimKeys keys) : DkimPublicKeyLocatorBase
{
    private const int MaxNames = 5;
    private const int MaxOutages = 2;
    private const int MinRsaBits = 1024;
    private const int MaxExponentBits = 64;

    private readonly Dictionary<string, DkimKeyAnswer> _answers = new(StringComparer.Ordinal);
    private DkimTags _signature = DkimTags.Read("");
    private int _outages;

    /// <summary>Whether the last signature's key was needed: its body hash is right.</summary>
    public bool IsAsked { get; private set; }

    /// <summary>Whether the domain of the last signature says that it tests DKIM.</summary>
    public bool IsTest { get; private set; }

    /// <summary>Begins the check of a signature.</summary>
    public void Begin(DkimTags signature) => (_signature, IsAsked, IsTest) = (signature, false, false);

    /// <exception cref="DkimException">The key cannot be found or may not be used.</exception>
    public override AsymmetricKeyParameter LocatePublicKey(
        string methods, string domain, string selector, CancellationToken cancellationToken = default)
    {
        IsAsked = true;
        var name = DkimKeyName.Of(domain, selector)
            ?? throw new DkimException(DkimResults.PermError, "The domain and the selector are no name in DNS.");
        var answer = Find(name, cancellationToken);
        if (answer.Outage is { } outage)
            throw new DkimException(DkimResults.TempError, outage);
        if (answer.Record is not { } record)
            throw new DkimException(DkimResults.PermError, "The domain has no such key.");
        var tags = DkimTags.Read(record);
        IsTest = tags.Has("t", "y");
        var key = GetPublicKey(DkimKeyRecord.Checked(tags, _signature));
        if (key is RsaKeyParameters rsa && (rsa.Modulus.BitLength < MinRsaBits || rsa.Exponent.BitLength > MaxExponentBits))
            throw new DkimException(DkimResults.PermError, "The key is shorter than 1024 bits or has a large exponent.");
        return key;
    }

    public override Task<AsymmetricKeyParameter> LocatePublicKeyAsync(
        string methods, string domain, string selector, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("The conversion of an email is synchronous.");

    private DkimKeyAnswer Find(string name, CancellationToken cancellationToken)
    {
        if (_answers.TryGetValue(name, out var known))
            return known;
        if (_outages == MaxOutages)
            return new DkimKeyAnswer(null, "DNS did not answer for other signatures of the email.");
        if (_answers.Count == MaxNames)
            throw new DkimException(DkimResults.Neutral, $"The email's signatures have more than {MaxNames} keys.");
        var answer = keys.Find(name, cancellationToken);
        _outages += answer.Outage is null ? 0 : 1;
        return _answers[name] = answer;
    }
}
