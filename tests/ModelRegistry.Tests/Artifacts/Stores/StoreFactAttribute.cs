using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace ModelRegistry.Tests;

/// <summary>On a test class: it needs the stores of <c>tests/Stores</c>, and its tests are skipped, with the reason, where they are not installed.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class NeedsStoresAttribute : Attribute;

/// <summary>A test that is skipped when its class <see cref="NeedsStoresAttribute"/> and they are not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("ModelRegistry.Tests.StoreFactDiscoverer", "ModelRegistry.Tests")]
internal sealed class StoreFactAttribute : FactAttribute;

/// <summary>As <see cref="StoreFactAttribute"/>, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("ModelRegistry.Tests.StoreTheoryDiscoverer", "ModelRegistry.Tests")]
internal sealed class StoreTheoryAttribute : TheoryAttribute;

internal sealed class StoreFactDiscoverer(IMessageSink sink) : FactDiscoverer(sink)
{
    protected override IXunitTestCase CreateTestCase(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        MissingStoresTestCase.AppliesTo(testMethod)
            ? new MissingStoresTestCase(DiagnosticMessageSink, discoveryOptions, testMethod)
            : base.CreateTestCase(discoveryOptions, testMethod, factAttribute);
}

internal sealed class StoreTheoryDiscoverer(IMessageSink sink) : TheoryDiscoverer(sink)
{
    public override IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute) =>
        MissingStoresTestCase.AppliesTo(testMethod)
            ? [new MissingStoresTestCase(DiagnosticMessageSink, discoveryOptions, testMethod)]
            : base.Discover(discoveryOptions, testMethod, theoryAttribute);
}

/// <summary>Stands for a test, or for all rows of one with data, that cannot run.</summary>
internal sealed class MissingStoresTestCase : XunitTestCase
{
    [Obsolete("For the deserializer.", error: true)]
    public MissingStoresTestCase()
    {
    }

    public MissingStoresTestCase(IMessageSink sink, ITestFrameworkDiscoveryOptions options, ITestMethod method)
        : base(sink, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), method)
    {
    }

    public static bool AppliesTo(ITestMethod method) =>
        StorePeer.SkipReason is not null && method.TestClass.Class.GetCustomAttributes(typeof(NeedsStoresAttribute).AssemblyQualifiedName).Any();

    protected override string GetSkipReason(IAttributeInfo factAttribute) => StorePeer.SkipReason!;
}
