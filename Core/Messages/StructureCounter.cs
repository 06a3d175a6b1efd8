namespace EmailIngestion.Messages;

/// <summary>Counts what parsing an email costs. Each method stops the scan when the email exceeds a limit.</summary>
internal sealed class StructureCounter(MessageLimits limits)
{
    /// <summary>The counts so far.</summary>
    public MessageStructure Structure { get; } = new();

    /// <exception cref="MessageTooComplexException">The email exceeds <c>MaxParts</c>.</exception>
    public void AddPart() => Check("Processing:MaxParts", limits.MaxParts, ++Structure.Parts);

    /// <exception cref="MessageTooComplexException">The email exceeds <c>MaxDepth</c>.</exception>
    public void AddDepth(int depth)
    {
        Structure.Depth = Math.Max(Structure.Depth, depth);
        Check("Processing:MaxDepth", limits.MaxDepth, Structure.Depth);
    }

    /// <exception cref="MessageTooComplexException">The email exceeds <c>MaxHeaders</c> or <c>MaxHeaderBytes</c>.</exception>
    public void AddHeader(int length)
    {
        AddHeaderBytes(length);
        Check("Processing:MaxHeaders", limits.MaxHeaders, ++Structure.Headers);
        Structure.LongestHeader = Math.Max(Structure.LongestHeader, length);
    }

    /// <exception cref="MessageTooComplexException">The email exceeds <c>MaxHeaderBytes</c>.</exception>
    public void AddHeaderBytes(int length)
    {
        Structure.HeaderBytes += length;
        Check("Processing:MaxHeaderBytes", limits.MaxHeaderBytes, Structure.HeaderBytes);
    }

    /// <summary>Adds the parameters of one header field.</summary>
    /// <exception cref="MessageTooComplexException">They exceed <c>MaxParameters</c>.</exception>
    public void AddParameters(int count)
    {
        Structure.Parameters = Math.Max(Structure.Parameters, count);
        Check("Processing:MaxParameters", limits.MaxParameters, count);
    }

    /// <summary>Adds the comparisons of one line with the boundaries in force: at most one for each level of the deepest part.</summary>
    /// <exception cref="MessageTooComplexException">The email exceeds <c>MaxBoundaryChecks</c>.</exception>
    public void AddBoundaryChecks()
    {
        Structure.BoundaryChecks += Structure.Depth + 1;
        Check("Processing:MaxBoundaryChecks", limits.MaxBoundaryChecks, Structure.BoundaryChecks);
    }

    private static void Check(string name, long limit, long value)
    {
        if (value > limit)
            throw new MessageTooComplexException(name, limit, value);
    }
}
