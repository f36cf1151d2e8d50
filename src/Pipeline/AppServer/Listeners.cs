namespace CodexCompanion.Pipeline.AppServer;

/// <summary>Those who want to hear of something, and may come and go while it happens.</summary>
internal sealed class Listeners<T>
{
    private readonly Lock _gate = new();
    private Action<T>[] _listeners = [];

    /// <summary>Adds one.</summary>
    /// <returns>Removes it when disposed.</returns>
    public IDisposable Add(Action<T> listener)
    {
        lock (_gate)
            _listeners = [.. _listeners, listener];
        return new Subscription(this, listener);
    }

    /// <summary>Tells all of them, in the order in which they came.</summary>
    public void Tell(T what)
    {
        Action<T>[] now;
        lock (_gate)
            now = _listeners;
        foreach (var listener in now)
            listener(what);
    }

    private void Remove(Action<T> listener)
    {
        lock (_gate)
        {
            var rest = _listeners.ToList();
            rest.Remove(listener);
            _listeners = [.. rest];
        }
    }

    private sealed class Subscription(Listeners<T> listeners, Action<T> listener) : IDisposable
    {
        public void Dispose() => listeners.Remove(listener);
    }
}
