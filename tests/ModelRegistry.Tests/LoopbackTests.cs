using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Xunit;

namespace ModelRegistry.Tests;

/// <summary>Nothing that a test does leaves the machine, and nothing from outside comes in.</summary>
[Trait("Database", "SQLite")]
public sealed class LoopbackTests
{
    [Fact]
    public void Mocks_listen_on_loopback_alone()
    {
        using var mock = Mock.Start();

        var endpoints = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(endpoint => endpoint.Port == mock.Port);
        Assert.Equal(IPAddress.Loopback, Assert.Single(endpoints).Address);
    }

    /// <summary>The script could say that the network is gone and leave the process that runs the tests outside.</summary>
    [OfflineFact]
    public void There_is_no_network_but_loopback()
    {
        var up = NetworkInterface.GetAllNetworkInterfaces().Where(one => one.OperationalStatus == OperationalStatus.Up || one.NetworkInterfaceType == NetworkInterfaceType.Loopback);
        Assert.Equal(NetworkInterfaceType.Loopback, Assert.Single(up).NetworkInterfaceType);

        // 192.0.2.0/24 is nobody's: it can be reached only where there is a way out.
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        Assert.Equal(SocketError.NetworkUnreachable, Assert.Throws<SocketException>(() => socket.Connect(IPAddress.Parse("192.0.2.1"), 9)).SocketErrorCode);
    }

    /// <summary>For runs of <c>scripts/offline</c>, which sets the variable where it has taken the network away.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class OfflineFactAttribute : FactAttribute
    {
        public OfflineFactAttribute() =>
            Skip = Environment.GetEnvironmentVariable("MODELREGISTRY_OFFLINE") is null ? "The network is there (scripts/offline takes it away)." : null;
    }
}
