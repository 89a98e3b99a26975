"""What the audit asks of shipments: what is on the road is on one open line, and each line says what the ledger says."""

from django.utils.translation import gettext_lazy as _

from cartable.fleet.audit import Check

CHECKS = (
    Check(
        "I19",
        "what_is_on_the_road_is_on_one_open_line",
        _("Chaque PC en chemin est sur une ligne de transfert ouverte, et une seule, de son propre transfert."),
        # A region without shipments has none to be on: there the account only lies between two movements.
        """
        SELECT 'PC ' || device.asset_tag FROM fleet_device device
        LEFT JOIN supply_shipmentline line ON line.device_id = device.id AND line.dispatch_id IS NOT NULL
            AND line.arrival_id IS NULL AND line.settled_at IS NULL
        LEFT JOIN supply_shipment shipment ON shipment.id = line.shipment_id
        WHERE device.custodian_kind = 'transit'
          AND EXISTS (SELECT FROM supply_shipment known WHERE known.region_id = device.region_id)
        GROUP BY device.id, device.asset_tag
        HAVING count(line.id) <> 1 OR bool_or(shipment.transit_id <> device.custodian_id)
        """,
    ),
    Check(
        "I13",
        "a_shipment_line_says_what_the_ledger_says",
        _("Chaque ligne de transfert nomme les mouvements de son PC : départ, arrivée, suite donnée."),
        """
        SELECT 'line ' || line.id FROM supply_shipmentline line
        JOIN supply_shipment shipment ON shipment.id = line.shipment_id
        LEFT JOIN fleet_movement sent ON sent.id = line.dispatch_id
        LEFT JOIN fleet_movement came ON came.id = line.arrival_id
        LEFT JOIN fleet_movement settled ON settled.id = line.settled_by_movement_id
        WHERE sent.device_id <> line.device_id OR sent.from_custodian_id <> shipment.origin_id
           OR sent.to_custodian_id <> shipment.transit_id
           OR came.device_id <> line.device_id OR came.from_custodian_id <> shipment.transit_id
           OR came.to_custodian_id <> shipment.destination_id
           OR settled.device_id <> line.device_id
           OR (line.remedy IN ('found', 'taken_in') AND settled.to_custodian_id <> shipment.destination_id)
           OR (line.remedy = 'returned' AND settled.to_custodian_id <> shipment.origin_id)
           OR (line.remedy = 'claimed' AND settled.to_kind <> 'claim')
        UNION ALL
        SELECT 'movement ' || movement.id FROM fleet_movement movement
        WHERE movement.reason = 'dispatch' AND movement.evidence LIKE 'shipment:%%'
          AND NOT EXISTS (SELECT FROM supply_shipmentline line WHERE line.dispatch_id = movement.id)
          AND NOT EXISTS (SELECT FROM supply_shipmentline line
                          WHERE line.device_id = movement.device_id AND line.remedy = 'taken_in')
        """,
    ),
    Check(
        "I13",
        "a_closed_shipment_has_no_undecided_line",
        _("Dans un transfert clos, chaque PC est arrivé ou manquant."),
        """
        SELECT 'shipment ' || shipment.id FROM supply_shipment shipment
        JOIN supply_shipmentline line ON line.shipment_id = shipment.id
        WHERE shipment.closed_at IS NOT NULL AND line.dispatch_id IS NOT NULL AND line.arrival_id IS NULL
          AND line.difference = ''
        """,
    ),
)
