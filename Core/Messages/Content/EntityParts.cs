using MimeKit;

namespace EmailIngestion.Messages.Content;

/// <summary>Walks the parts of an email, without the parts of attached emails.</summary>
internal static class EntityParts
{
    /// <summary>The parts that are no multiparts, in their order: at most this many.</summary>
    public static IEnumerable<MimeEntity> Leaves(MimeEntity? root, int count)
    {
        var open = new Stack<MimeEntity>();
        if (root is not null)
            open.Push(root);
        while (count > 0 && open.TryPop(out var entity))
        {
            if (entity is Multipart multipart)
            {
                for (var i = multipart.Count - 1; i >= 0; i--)
                    open.Push(multipart[i]);
                continue;
            }

            count--;
            yield return entity;
        }
    }
}
