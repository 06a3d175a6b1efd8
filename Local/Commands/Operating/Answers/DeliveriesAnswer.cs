namespace EmailIngestion.Local.Commands.Operating.Answers;

internal sealed record DeliveriesAnswer
{
    public IReadOnlyList<DeliveryAnswer> Deliveries { get; set; } = [];

    public string? After { get; set; }
}
