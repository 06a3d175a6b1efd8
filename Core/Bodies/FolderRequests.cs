using EmailIngestion.Configuration;

namespace EmailIngestion.Bodies;

/// <summary>Uses a folder of bodies, and turns each failure into <see cref="BodyStoreException"/>.</summary>
internal sealed class FolderRequests(BodyFolder folder)
{
    public void Run(string name, string what, Action request) => Run(name, what, () =>
    {
        request();
        return true;
    });

    /// <param name="name">The body or the scope, for the message.</param>
    /// <param name="what">What is done to it, for the message: written, read.</param>
    /// <param name="request">The use of the folder.</param>
    public T Run<T>(string name, string what, Func<T> request)
    {
        try
        {
            return request();
        }
        catch (Exception e) when (FailureOf(e, name, what) is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>The failure of the file system; null when the exception is of another kind.</summary>
    public BodyStoreException? FailureOf(Exception error, string name, string what) => error is IOException or UnauthorizedAccessException
        ? new(BodyFailure.Unavailable, $"Body {name} cannot be {what} in Bodies:Folder {folder.Root}: {PrivateFiles.Reason(error)}", error)
        : null;

    /// <summary>Fails when the folder is not this system's. Redis knows the scope, so the right folder has it.</summary>
    public void RequireMark(string scope)
    {
        if (!folder.Has(scope))
        {
            throw new BodyStoreException(
                BodyFailure.Unavailable,
                $"Bodies:Folder {folder.Root} does not have the folder {scope} of this system: every poller and consumer needs the same "
                    + "volume, and it must be mounted.");
        }
    }
}
