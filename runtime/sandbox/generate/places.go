package generate

import (
	"context"
	"fmt"
)

// placeAddress gives a site or warehouse an address.
func (w *world) placeAddress(r record, f flavour) place {
	scratch := record{}
	p := w.address(scratch, "", f)
	for from, to := range map[string]string{"Street": "Street", "City": "City", "ZipCode": "ZipCode", "County": "CountyId", "State": "StateId",
		"CountryRegionId": "CountryRegionId", "Latitude": "Latitude", "Longitude": "Longitude"} {
		if v, found := scratch[from]; found {
			r["PrimaryAddress"+to] = v
		}
	}
	r["IsPrimaryAddressAssigned"] = "Yes"
	return p
}

func (w *world) loadSites(ctx context.Context) error {
	report := MapReport{Map: "sites", EntitySet: "OperationalSites", Table: "msdyn_operationalsites"}
	return w.loadTable(ctx, report, companyTable{
		target: target{fields: siteFields(), id: "msdyn_operationalsiteid"}, key: "SiteId", vary: "SiteName", size: w.sizes.sites,
		make: func(c *company, i int, k kind) (record, links) {
			r := record{"SiteId": fmt.Sprint(i + 1), "IsReceivingWarehouseOverrideAllowed": noYes(i%2 == 0),
				"WillMasterPlannedIntraSiteMovementsUseTransferJournals": noYes(i%3 == 1)}
			p := w.placeAddress(r, c.flavour)
			r["SiteName"] = "Site " + p.city
			if k == onlyDataverse {
				withoutCoordinates(r, "PrimaryAddress")
			}
			return r, nil
		},
	})
}

// withoutCoordinates takes away what flows from F&O alone.
func withoutCoordinates(r record, prefixes ...string) {
	for _, prefix := range prefixes {
		delete(r, prefix+"Latitude")
		delete(r, prefix+"Longitude")
	}
}

// warehouse is what is decided about a warehouse before its row is made.
type warehouse struct {
	reference
	site                      reference
	kindName                  string // of the warehouse: "Standard"
	main, quarantine, transit *warehouse
}

func (w *world) loadWarehouses(ctx context.Context) error {
	report := w.counted(MapReport{Map: "warehouses", EntitySet: "Warehouses", Table: "msdyn_warehouses"})
	s := w.sink(&target{report: report, fields: warehouseFields(), id: "msdyn_warehouseid", company: "msdyn_company"})
	for _, c := range w.companies {
		for i, x := range w.planWarehouses(c) {
			r, to := w.warehouseRecord(c, i, x)
			vary := func(row map[string]any) {
				w.varyFields(s.fields, row, "WarehouseName", "PrimaryAddressCity", "MaximumPickingListLineQuantity")
			}
			if _, err := s.put(ctx, c, x.kind, x.id, r, to, vary); err != nil {
				return err
			}
			c.warehouses = append(c.warehouses, x)
		}
	}
	return s.flush(ctx)
}

// planWarehouses decides which warehouses a company has and how they refer to
// each other: some to themselves, some in pairs.
func (w *world) planWarehouses(c *company) []*warehouse {
	kinds := c.kinds(w.sizes.warehouses)
	list := make([]*warehouse, len(kinds))
	for i, k := range kinds {
		x := &warehouse{reference: reference{key: fmt.Sprint(100 + 10*i), kind: k}, kindName: "Standard"}
		if k.inDataverse() {
			x.id = w.guid()
		}
		switch i % 5 {
		case 3:
			x.kindName = "Quarantine"
		case 4:
			x.kindName = "Transit"
		}
		x.site = w.pick(c.refs["sites"], k)
		list[i] = x
	}
	for i, x := range list {
		other := func(kindName string) *warehouse {
			for range 10 {
				if o := one(w.random, list); o.kindName == kindName && fits(x.kind, o.kind) {
					return o
				}
			}
			return nil
		}
		if x.kindName != "Standard" {
			continue
		}
		x.quarantine, x.transit = other("Quarantine"), other("Transit")
		switch {
		case i%3 == 0:
			x.main = x
		case x.main == nil:
			// Two that refill each other, where both are on the same sides.
			if o := other("Standard"); o != nil {
				x.main = o
				if o != x && o.main == nil && fits(o.kind, x.kind) {
					o.main = x
				}
			}
		}
	}
	return list
}

func (w *world) warehouseRecord(c *company, i int, x *warehouse) (record, links) {
	to := links{}
	r := record{
		"WarehouseId": x.key, "WarehouseType": x.kindName,
		"WarehouseReleaseReservationRequirementRule":   []string{"NotApplicable", "AllowPartialReservation", "RequireFullReservation"}[i%3],
		"InventoryStatusChangeReservationRemovalLevel": []string{"None", "Reservation", "MarkingReservation"}[i%3],
		"AutoUpdateShipmentRule":                       []string{"OnQuantityDecrease", "Always"}[i%2],
		"RawMaterialPickingInventoryIssueStatus":       []string{"Pick", "Reserve"}[i%2],
		"MaximumBatchPickingListQuantity":              w.between(0, 40), "MaximumPickingListLineQuantity": w.between(1, 60),
		"AreItemsCoveragePlannedManually": noYes(i%4 == 0), "AreLaborStandardsAllowed": noYes(i%2 == 1),
		"IsFallbackWarehouse": noYes(i == 0), "IsRefilledFromMainWarehouse": noYes(x.main != nil), "IsRetailStoreWarehouse": noYes(i%7 == 6),
		"ShouldWarehouseLocationIdIncludeAisleId": "Yes", "AreAdvancedWarehouseManagementProcessesEnabled": noYes(i%3 == 0),
	}
	w.refer(r, to, "OperationalSiteId", x.site)
	for field, o := range map[string]*warehouse{"MainRefillingWarehouseId": x.main, "QuarantineWarehouseId": x.quarantine, "TransitWarehouseId": x.transit} {
		if o != nil {
			w.refer(r, to, field, o.reference)
		}
	}
	p := w.placeAddress(r, c.flavour)
	r["WarehouseName"] = fmt.Sprintf("%s %s, hall %d", x.kindName, p.city, i+1)
	if x.kind == onlyDataverse {
		withoutCoordinates(r, "PrimaryAddress")
	}
	return r, to
}
