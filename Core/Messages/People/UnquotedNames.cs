namespace EmailIngestion.Messages.People;

/// <summary>Joins a name with a comma in it: some programs write <c>Example, Ann &lt;ann@example.org&gt;</c> without quotes.</summary>
internal sealed class UnquotedNames(List<ParsedAddress> people)
{
    private int _beforeComma = -1;

    /// <summary>Adds the people of an item.</summary>
    /// <param name="item">The item.</param>
    /// <param name="added">Its people.</param>
    /// <param name="isBeforeComma">Whether a comma ends the item.</param>
    public void Add(AddressItem item, IEnumerable<ParsedAddress> added, bool isBeforeComma)
    {
        var index = people.Count;
        people.AddRange(added);
        var isJoined = item.HasName && _beforeComma >= 0 && _beforeComma == index - 1;
        if (isJoined)
        {
            people[index - 1] = people[index] with { Name = $"{people[index - 1].Name}, {people[index].Name}" };
            people.RemoveAt(index);
        }

        _beforeComma = isBeforeComma && item.IsName ? index : -1;
    }
}
