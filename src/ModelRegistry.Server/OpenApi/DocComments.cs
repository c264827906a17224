using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace ModelRegistry.Server.OpenApi;

/// <summary>
/// The doc comments of this assembly, from the XML file that the compiler writes beside it. Without the file nothing is described. The
/// generator of Microsoft.AspNetCore.OpenApi is no help here: it reads public types alone.
/// </summary>
internal sealed partial class DocComments
{
    private readonly Dictionary<string, XElement> members;

    private DocComments(Dictionary<string, XElement> members) => this.members = members;

    public static DocComments Read()
    {
        var file = Path.Combine(AppContext.BaseDirectory, $"{typeof(DocComments).Assembly.GetName().Name}.xml");
        if (!File.Exists(file))
            return new DocComments([]);
        var members = from member in XDocument.Load(file).Descendants("member")
                      let name = member.Attribute("name")!.Value

                      // Nobody here has two documented methods of one name and a call behind both: parameters would only lengthen the key.
                      group member by name.Split('(')[0];
        return new DocComments(members.ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal));
    }

    public string? Of(Type type) => Text(members.GetValueOrDefault($"T:{NameOf(type)}")?.Element("summary"));

    public string? Of(MethodInfo method) =>
        method.DeclaringType is { } type ? Text(members.GetValueOrDefault($"M:{NameOf(type)}.{method.Name}")?.Element("summary")) : null;

    /// <summary>What is said of a property, or of the parameter of a record that it comes from.</summary>
    public string? Of(PropertyInfo property)
    {
        var type = NameOf(property.DeclaringType!);
        return Text(members.GetValueOrDefault($"P:{type}.{property.Name}")?.Element("summary"))
            ?? Text(members.GetValueOrDefault($"T:{type}")?.Elements("param").FirstOrDefault(param => param.Attribute("name")?.Value == property.Name));
    }

    private static string NameOf(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    private static string? Text(XElement? element) =>
        element is null ? null : Spaces().Replace(string.Concat(element.Nodes().Select(Print)), " ").Trim() is { Length: > 0 } text ? text : null;

    private static string Print(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement element when (element.Attribute("cref") ?? element.Attribute("name") ?? element.Attribute("langword")) is { } named =>
            element.Value.Length > 0 ? element.Value : named.Value.Split('(')[0].Split('.', ':')[^1],
        XElement element => string.Concat(element.Nodes().Select(Print)),
        _ => "",
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
