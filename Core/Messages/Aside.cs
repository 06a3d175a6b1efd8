namespace EmailIngestion.Messages;

/// <summary>A value that a record carries outside its equality: all instances are equal.</summary>
internal readonly struct Aside<T>(T value) : IEquatable<Aside<T>>
{
    public T Value { get; } = value;

    public bool Equals(Aside<T> other) => true;

    public override bool Equals(object? obj) => obj is Aside<T>;

    public override int GetHashCode() => 0;
}
