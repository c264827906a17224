using System.Diagnostics.CodeAnalysis;
using ModelRegistry.MySqlClient.Sessions;

namespace ModelRegistry.MySqlClient.Pooling;

/// <summary>Sessions that nobody uses. The last one in is the first one out, so that those not needed grow old and are let go.</summary>
internal sealed class IdleSessions
{
    private readonly Lock gate = new();
    private readonly List<Session> sessions = [];
    private bool isClosed;

    public int Count
    {
        get
        {
            lock (gate)
                return sessions.Count;
        }
    }

    /// <returns>False when the pool is closed: the session is for the caller to dispose.</returns>
    public bool TryPush(Session session)
    {
        lock (gate)
        {
            if (!isClosed)
                sessions.Add(session);
            return !isClosed;
        }
    }

    public bool TryPop([NotNullWhen(true)] out Session? session)
    {
        lock (gate)
        {
            session = sessions.Count > 0 ? sessions[^1] : null;
            if (session is not null)
                sessions.RemoveAt(sessions.Count - 1);
            return session is not null;
        }
    }

    /// <summary>Takes out the sessions that meet a condition.</summary>
    public IReadOnlyList<Session> Take(Predicate<Session> condition)
    {
        lock (gate)
        {
            var taken = sessions.FindAll(condition);
            sessions.RemoveAll(taken.Contains);
            return taken;
        }
    }

    /// <summary>Takes out all sessions, and lets none in again.</summary>
    public IReadOnlyList<Session> Close()
    {
        lock (gate)
        {
            isClosed = true;
            Session[] all = [.. sessions];
            sessions.Clear();
            return all;
        }
    }
}
