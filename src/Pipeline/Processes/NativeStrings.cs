using System.Runtime.InteropServices;

namespace CodexCompanion.Pipeline.Processes;

/// <summary>Strings in unmanaged memory, as C sees them, freed together.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly List<nint> _strings = [];
    private readonly List<nint> _arrays = [];

    /// <summary>One string.</summary>
    public byte* Add(string value)
    {
        var copy = Marshal.StringToCoTaskMemUTF8(value);
        _strings.Add(copy);
        return (byte*)copy;
    }

    /// <summary>An array of strings that ends with a null, as argv and envp are.</summary>
    public byte** AddArray(IReadOnlyCollection<string> values)
    {
        var array = (byte**)NativeMemory.Alloc((nuint)(values.Count + 1), (nuint)sizeof(byte*));
        _arrays.Add((nint)array);
        var index = 0;
        foreach (var value in values)
            array[index++] = Add(value);
        array[index] = null;
        return array;
    }

    public void Dispose()
    {
        foreach (var value in _strings)
            Marshal.FreeCoTaskMem(value);
        foreach (var array in _arrays)
            NativeMemory.Free((void*)array);
    }
}
