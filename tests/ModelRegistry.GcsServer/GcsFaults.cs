namespace ModelRegistry.GcsServer;

/// <summary>Something that goes wrong with a request.</summary>
internal sealed record GcsFault
{
    /// <summary>Answer with this status instead of doing anything.</summary>
    public int Status { get; init; }

    /// <summary>Value of the header of that name, with <see cref="Status"/>.</summary>
    public string? RetryAfter { get; init; }

    /// <summary>Do what was asked, and hang up without an answer.</summary>
    public bool LoseAnswer { get; init; }

    /// <summary>Hang up after so many bytes of the request's body.</summary>
    public long? DropUploadAt { get; init; }

    /// <summary>Change this byte of the request's body on the way.</summary>
    public long? CorruptUploadAt { get; init; }

    /// <summary>Hang up after so many bytes of the answer's body.</summary>
    public long? DropDownloadAt { get; init; }

    /// <summary>Change this byte of the answer's body on the way.</summary>
    public long? CorruptDownloadAt { get; init; }

    /// <summary>Announce and send so many bytes less than was asked for.</summary>
    public long ShortBy { get; init; }

    /// <summary>Wait after each piece of a body.</summary>
    public TimeSpan? Pause { get; init; }
}

/// <summary>The faults that are ordered.</summary>
internal sealed class GcsFaults
{
    private readonly Lock turn = new();
    private readonly List<Order> orders = [];

    /// <summary>How many requests are still to go wrong.</summary>
    public int Pending
    {
        get
        {
            lock (turn)
                return orders.Sum(order => order.Times);
        }
    }

    /// <param name="request">Method, and what the target contains, such as <c>PUT upload_id</c> or <c>GET /o/x alt=media</c>; the method alone for all.</param>
    /// <param name="fault">What goes wrong.</param>
    /// <param name="skip">How many such requests go well before.</param>
    /// <param name="times">How many go wrong.</param>
    public void Inject(string request, GcsFault fault, int skip = 0, int times = 1)
    {
        var words = request.Split(' ');
        lock (turn)
            orders.Add(new Order(words[0], words[1..], fault) { Skip = skip, Times = times });
    }

    public GcsFault? Take(GcsRequest request)
    {
        lock (turn)
        {
            var order = orders.Find(order => order.Times > 0 && order.Method == request.Method
                && order.Target.All(part => request.Target.Contains(part, StringComparison.Ordinal)));
            if (order is null)
                return null;
            if (order.Skip-- > 0)
                return null;
            order.Times--;
            return order.Fault;
        }
    }

    private sealed record Order(string Method, IReadOnlyList<string> Target, GcsFault Fault)
    {
        public int Skip { get; set; }

        public int Times { get; set; }
    }
}
