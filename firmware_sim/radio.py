"""The air between simulated radios: bumble's `LocalLink` and `Controller`, made to behave.

bumble's virtual controller is good enough to pair two devices on a desk. What a flaky field radio needs
beside that is mended here, each point from the Bluetooth Core Specification 5.4:

* a connection whose peer is gone ends after its supervision timeout   Vol 6, Part B, 4.5.2
* LE Create Connection Cancel cancels                                  Vol 4, Part E, 7.8.13
* active scanners get scan responses, with the peer's own data         Vol 6, Part B, 4.4.3.2
* advertising data over 31 bytes are refused                           Vol 6, Part B, 2.3.1
* HCI Reset resets                                                     Vol 4, Part E, 7.3.2
* ACL packets of 251 bytes instead of 27 (LE Data Packet Length Extension), and an RSSI that varies

Only legacy advertising is offered: it is what sensors use, and its 31 bytes are the limit that matters.
All timers are the loop's, so the radio runs in virtual time as well.
"""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import dataclass

from bumble import controller as bumble_controller
from bumble import core, hci, link, ll
from bumble.transport.common import AsyncPipeSink, Transport, TransportSink, TransportSource

# bumble warns whenever a link breaks under a packet, which is what this radio is for.
logging.getLogger("bumble").addHandler(logging.NullHandler())

MAX_ADVERTISING_DATA = 31  # bytes, of a legacy advertising PDU and of a scan response
ACL_LENGTH = 251  # bytes, the largest LE data PDU
ADV_UNIT_S = 0.625e-3  # s, HCI's unit of the advertising interval
ADV_DELAY_S = 0.010  # s, the random delay after each advertising event is 0 to 10 ms
TIMEOUT_UNIT_S = 0.010  # s, HCI's unit of the supervision timeout
SUPERVISION_CHECKS = 4  # looks per supervision timeout: the loss is seen at most a quarter late
RSSI_DBM, RSSI_SD_DB = -60.0, 4.0  # a sensor at some metres, with a body in between now and then


class Air(link.LocalLink):
    """Joins controllers; whoever is not in it neither hears nor is heard."""

    def __init__(self) -> None:
        self.controllers = {}  # type: ignore[assignment]  # ordered, where the base's set is by chance
        self.pending_classic_connection = None

    def add_controller(self, controller: bumble_controller.Controller) -> None:
        """Lets a controller take part."""
        self.controllers[controller] = None  # type: ignore[index]

    def remove_controller(self, controller: bumble_controller.Controller) -> None:
        """Takes a controller away without a word to the others."""
        self.controllers.pop(controller, None)  # type: ignore[call-arg]

    def send_advertising_pdu(
        self, sender_controller: bumble_controller.Controller, packet: ll.AdvertisingPdu
    ) -> None:
        """Sends to everyone in the air, if the sender is in it."""
        if sender_controller in self.controllers:
            super().send_advertising_pdu(sender_controller, packet)

    def send_ll_control_pdu(
        self, sender_address: hci.Address, receiver_address: hci.Address, packet: ll.ControlPdu
    ) -> None:
        """Sends to one receiver; a receiver that has vanished hears nothing, and nobody is told."""
        if self.find_le_controller(receiver_address) is not None:
            super().send_ll_control_pdu(sender_address, receiver_address, packet)


@dataclass
class AdvInd(ll.AdvInd):
    """Carries the scan response along, since the link has no scan requests."""

    scan_response: bytes = b""


@dataclass
class Advertiser(bumble_controller.LegacyAdvertiser):
    """Advertises at the interval that was asked for, with its scan response."""

    def _on_timer_fired(self) -> None:
        self.send_advertising_data()
        jitter = self.controller.rng.uniform(0.0, ADV_DELAY_S)  # type: ignore[attr-defined]  # ours
        self.timer_handle = asyncio.get_running_loop().call_later(
            self.advertising_interval_min * ADV_UNIT_S + jitter, self._on_timer_fired
        )

    def send_advertising_data(self) -> None:
        """Sends one advertising PDU."""
        if self.enabled:
            pdu = AdvInd(self.address, self.advertising_data, self.scan_response_data)
            self.controller.send_advertising_pdu(pdu)


class Controller(bumble_controller.Controller):
    """Mends bumble's virtual controller where a field radio differs from it (see the module)."""

    acl_data_packet_length = le_acl_data_packet_length = ACL_LENGTH
    supported_max_tx_octets = supported_max_rx_octets = suggested_max_tx_octets = ACL_LENGTH
    le_features = bumble_controller.Controller.le_features & ~(
        hci.LeFeatureMask.LE_EXTENDED_ADVERTISING | hci.LeFeatureMask.LE_PERIODIC_ADVERTISING
    )

    def __init__(
        self,
        name: str,
        air: Air,
        host_source: TransportSource | None = None,
        host_sink: TransportSink | None = None,
        public_address: str | None = None,
    ) -> None:
        super().__init__(name, host_source, host_sink, air, public_address)
        self.air = air
        self.rng = random.Random(name)  # the same for every run
        self.rssi_dbm = RSSI_DBM  # as others hear it, on average
        self.le_legacy_advertiser = Advertiser(self)

    def transport(self) -> Transport:
        """Returns this controller as an HCI transport for a host in the same process."""
        return Transport(self, AsyncPipeSink(self))

    # -- on and off the air ------------------------------------------------------------------------

    def vanish(self) -> None:
        """Leaves the air as by a flat battery: the peers are told nothing and must time out."""
        self.air.remove_controller(self)
        for connection in list(self.le_connections.values()):
            self.on_le_disconnected(connection, hci.HCI_CONNECTION_TIMEOUT_ERROR)

    def appear(self) -> None:
        """Comes back on the air."""
        self.air.add_controller(self)

    # -- supervision -------------------------------------------------------------------------------

    def create_le_connection(self, peer_address: hci.Address) -> None:
        """Connects as the central, and watches over the connection."""
        pending = self.pending_le_connection
        super().create_le_connection(peer_address)
        if isinstance(pending, hci.HCI_LE_Create_Connection_Command):
            self._supervise(peer_address, pending.supervision_timeout)

    def on_le_connect_ind(self, packet: ll.ConnectInd) -> None:
        """Is connected as the peripheral, and watches over the connection."""
        before = self.le_connections.get(packet.initiator_address)
        super().on_le_connect_ind(packet)
        if self.le_connections.get(packet.initiator_address) is not before:
            self._supervise(packet.initiator_address, packet.timeout)

    def _supervise(self, peer_address: hci.Address, timeout: int) -> None:
        if connection := self.le_connections.get(peer_address):
            self._check(connection, timeout * TIMEOUT_UNIT_S / SUPERVISION_CHECKS, -1)

    def _check(self, connection: bumble_controller.Connection, period: float, missed: int) -> None:
        if self.le_connections.get(connection.peer_address) is not connection:
            return  # ended in order
        if missed >= 0:  # the first look is one period after the connection
            missed = 0 if self._hears(connection) else missed + 1
        if missed >= SUPERVISION_CHECKS:
            self.on_le_disconnected(connection, hci.HCI_CONNECTION_TIMEOUT_ERROR)
            return
        later = asyncio.get_running_loop().call_later
        later(period, self._check, connection, period, max(missed, 0))

    def _hears(self, connection: bumble_controller.Connection) -> bool:
        peer = self.air.find_le_controller(connection.peer_address)
        return (
            self in self.air.controllers
            and peer is not None
            and connection.self_address in peer.le_connections
        )

    def on_link_acl_data(
        self, sender_address: hci.Address, transport: core.PhysicalTransport, data: bytes
    ) -> None:
        """Takes data of a connection that still stands."""
        if sender_address in self.le_connections:
            super().on_link_acl_data(sender_address, transport, data)

    def on_ll_control_pdu(self, sender_address: hci.Address, packet: ll.ControlPdu) -> None:
        """Takes link layer control of a connection that still stands."""
        if sender_address in self.le_connections:
            super().on_ll_control_pdu(sender_address, packet)

    def on_hci_acl_data_packet(self, packet: hci.HCI_AclDataPacket) -> None:
        """Takes data from the host; what was under way when the link broke is lost."""
        if self.find_le_connection_by_handle(packet.connection_handle) is not None:
            super().on_hci_acl_data_packet(packet)

    # -- advertising and scanning --------------------------------------------------------------------

    def on_advertising_pdu(self, pdu: ll.AdvInd | ll.AdvExtInd) -> None:
        """Reports an advertisement to a scanning host, and connects where the host waits for it."""
        if self.le_scan_enable:
            self._report(hci.HCI_LE_Advertising_Report_Event.EventType.ADV_IND, pdu, pdu.data)
            active = self.le_scan_type == hci.HCI_LE_Set_Scan_Parameters_Command.ACTIVE_SCANNING
            if active and isinstance(pdu, AdvInd):
                kind = hci.HCI_LE_Advertising_Report_Event.EventType.SCAN_RSP
                self._report(kind, pdu, pdu.scan_response)
        pending = self.pending_le_connection
        if pending is not None and pending.peer_address == pdu.advertiser_address:
            self.create_le_connection(pdu.advertiser_address)

    def _report(self, kind: int, pdu: ll.AdvInd | ll.AdvExtInd, data: bytes) -> None:
        sender = self.air.find_le_controller(pdu.advertiser_address)
        mean_dbm = sender.rssi_dbm if isinstance(sender, Controller) else RSSI_DBM
        report = hci.HCI_LE_Advertising_Report_Event.Report(
            event_type=kind,
            address_type=pdu.advertiser_address.address_type,
            address=pdu.advertiser_address,
            data=data,
            rssi=round(self.rng.gauss(mean_dbm, RSSI_SD_DB)),
        )
        self.send_hci_packet(hci.HCI_LE_Advertising_Report_Event([report]))

    def on_hci_le_set_advertising_data_command(
        self, command: hci.HCI_LE_Set_Advertising_Data_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Refuses what does not fit into a legacy advertisement."""
        if len(command.advertising_data) > MAX_ADVERTISING_DATA:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.INVALID_COMMAND_PARAMETERS_ERROR)
        return super().on_hci_le_set_advertising_data_command(command)

    def on_hci_le_set_scan_response_data_command(
        self, command: hci.HCI_LE_Set_Scan_Response_Data_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Refuses what does not fit into a scan response."""
        if len(command.scan_response_data) > MAX_ADVERTISING_DATA:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.INVALID_COMMAND_PARAMETERS_ERROR)
        return super().on_hci_le_set_scan_response_data_command(command)

    # -- connecting and resetting --------------------------------------------------------------------

    def on_hci_le_create_connection_command(self, command: hci.HCI_LE_Create_Connection_Command) -> None:
        """Refuses a second connection to the same peer."""
        if command.peer_address in self.le_connections:
            status = hci.HCI_ErrorCode.CONNECTION_ALREADY_EXISTS_ERROR
            self._send_hci_command_status(status, command.op_code)
            return
        super().on_hci_le_create_connection_command(command)

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Cancels the pending connection; the host then gets its completion with an error."""
        pending, self.pending_le_connection = self.pending_le_connection, None
        if pending is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        event = hci.HCI_LE_Connection_Complete_Event(
            status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
            connection_handle=0,
            role=hci.Role.CENTRAL,
            peer_address_type=pending.peer_address.address_type,
            peer_address=pending.peer_address,
            connection_interval=0,
            peripheral_latency=0,
            supervision_timeout=0,
            central_clock_accuracy=0,
        )
        asyncio.get_running_loop().call_soon(self.send_hci_packet, event)  # after the command's own answer
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def on_hci_reset_command(self, _command: hci.HCI_Reset_Command) -> hci.HCI_StatusReturnParameters:
        """Forgets everything of the link; the peers must time out."""
        self.le_legacy_advertiser.stop()
        self.le_legacy_advertiser = Advertiser(self)
        self.le_scan_enable = False
        self.pending_le_connection = None
        self.le_connections.clear()
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)
