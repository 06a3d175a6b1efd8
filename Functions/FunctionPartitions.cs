using EmailIngestion.Streams;
using Microsoft.AspNetCore.Http;

namespace EmailIngestion.Functions;

/// <summary>Finds the partitions of a request that may concern all of them.</summary>
internal static class FunctionPartitions
{
    private const string All = "*";

    /// <summary>Finds one partition, or all of this process for <c>?partition=*</c>. Null: the refusal has the answer.</summary>
    public static IReadOnlyList<StreamPartition>? Find(HttpRequest request, StreamPartitions partitions, out IResult? refusal)
    {
        refusal = null;
        if (FunctionRequests.Text(request.Query["partition"]) == All)
            return partitions.Served;
        return FunctionRequests.Partition(request, partitions, out refusal) is { } partition ? [partition] : null;
    }
}
