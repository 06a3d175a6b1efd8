using System.Text;

namespace EmailIngestion.Messages.People;

/// <summary>Removes the comments within an address (RFC 5322): <c>ann(work)@example(host).org</c> is <c>ann@example.org</c>.</summary>
internal static class AddressComments
{
    /// <summary>The address without comments and without the blanks beside the dots of its domain. Unclosed brackets stay.</summary>
    public static string Remove(string address)
    {
        if (!address.Contains('(', StringComparison.Ordinal))
            return address;
        var bare = new StringBuilder(address.Length);
        var depth = 0;
        for (var at = 0; at < address.Length; at++)
        {
            if (address[at] == '\\' && depth > 0)
                at++;
            else if (address[at] == '(')
                depth++;
            else if (address[at] == ')' && depth > 0)
                depth--;
            else if (depth == 0)
                bare.Append(address[at]);
        }

        if (depth > 0)
            return address;
        var text = bare.ToString().Trim(' ');
        var domain = text.LastIndexOf('@') + 1;
        var labels = text[domain..].Split('.').Select(label => label.Trim(' '));
        return text[..domain] + string.Join('.', labels);
    }
}
