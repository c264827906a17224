using System.Collections;
using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using System.Reflection;

namespace ModelRegistry.Server.Data;

/// <summary>Named values of a statement that is put together; others pass an object whose properties are the parameters.</summary>
internal sealed class SqlParameters
{
    private static readonly ConcurrentDictionary<int, string> OrderedNames = new();

    private readonly OrderedDictionary<string, object?> values = [];

    /// <summary>The values of an object's properties.</summary>
    public static SqlParameters Of(object source, ObjectProperties[] properties)
    {
        var parameters = new SqlParameters();
        foreach (var property in properties)
            parameters.values.Add(property.Name, property.Read(source));
        return parameters;
    }

    /// <summary>Adds a value, or replaces it: work that is repeated adds it again.</summary>
    public void Add(string name, object? value) => values[name.TrimStart('@')] = value;

    /// <summary>
    /// Gives <paramref name="command"/> its text and values. A list becomes as many parameters as it has members: <c>IN @names</c>.
    /// </summary>
    /// <param name="source">A <see cref="SqlParameters"/>, any object, or null.</param>
    public static void Apply(DbCommand command, string sql, object? source)
    {
        var named = source as SqlParameters ?? (source is null ? new SqlParameters() : Of(source, ObjectProperties.Of(source.GetType())));
        command.CommandText = named.ExpandLists(sql);
        foreach (var (name, value) in named.values)
        {
            if (value is not SqlList list)
            {
                Add(command.Parameters, command.CreateParameter, name, value);
                continue;
            }

            for (var i = 0; i < list.Size; i++)
                Add(command.Parameters, command.CreateParameter, SqlList.NameOf(name, i), list[i]);
        }
    }

    /// <summary>Gives <paramref name="command"/> the values of <c>@p0</c>, <c>@p1</c> and so on.</summary>
    public static void ApplyInOrder(DbParameterCollection parameters, Func<DbParameter> create, object?[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (i == parameters.Count)
                Add(parameters, create, OrderedNames.GetOrAdd(i, static i => string.Create(CultureInfo.InvariantCulture, $"p{i}")), values[i]);
            else
                parameters[i].Value = values[i] ?? DBNull.Value;
        }
    }

    /// <summary>Puts as many parameters as a list has members into the text; <see cref="TryGet"/> then has the members.</summary>
    public string ExpandLists(string sql)
    {
        for (var i = 0; i < values.Count; i++)
        {
            var (name, value) = values.GetAt(i);
            if (!SqlList.IsList(value))
                continue;
            var list = value as SqlList ?? new SqlList((IEnumerable)value);
            values.SetAt(i, list);
            sql = list.Expand(sql, name);
        }

        return sql;
    }

    /// <summary>The value of a parameter, which may be the member of a list.</summary>
    public bool TryGet(in ParameterName name, out object? value)
    {
        if (values.TryGetValue(name.Whole, out value))
            return true;
        if (name.List is null || !values.TryGetValue(name.List, out var found) || found is not SqlList list)
            return false;
        value = list[name.Member];
        return true;
    }

    private static void Add(DbParameterCollection parameters, Func<DbParameter> create, string name, object? value)
    {
        var parameter = create();
        parameter.ParameterName = name;
        parameter.Value = value ?? DBNull.Value;
        parameters.Add(parameter);
    }
}

/// <summary>The properties of a type, read without reflection after the first time.</summary>
/// <param name="IsList">It is a list of values, which is put into the text of a statement.</param>
/// <param name="Read">Takes the object.</param>
internal sealed record ObjectProperties(string Name, bool IsList, Func<object, object?> Read)
{
    private static readonly ConcurrentDictionary<Type, ObjectProperties[]> ByType = new();

    private static readonly MethodInfo MakeReader = typeof(ObjectProperties).GetMethod(nameof(Reader), BindingFlags.NonPublic | BindingFlags.Static)!;

    public static ObjectProperties[] Of(Type type) => ByType.GetOrAdd(
        type,
        static type => [.. type.GetProperties().Where(property => property.GetMethod is not null).Select(property => new ObjectProperties(
            property.Name,
            property.PropertyType != typeof(string) && property.PropertyType != typeof(byte[]) && property.PropertyType.IsAssignableTo(typeof(IEnumerable)),
            (Func<object, object?>)MakeReader.MakeGenericMethod(type, property.PropertyType).Invoke(null, [property.GetMethod])!))]);

    private static Func<object, object?> Reader<TOwner, TValue>(MethodInfo getter)
    {
        var read = getter.CreateDelegate<Func<TOwner, TValue>>();
        return owner => read((TOwner)owner);
    }
}
