// Package control is how a program does to a running sandbox what a person does
// in the pages of the real systems, for which they have no public interface:
// activate data events, read and resend what could not be delivered, and
// disturb the delivery on purpose. It is no part of either system's protocol.
package control

import (
	"github.com/dualwrite/dw/runtime/sandbox/fno"
	"github.com/dualwrite/dw/runtime/sandbox/outbox"
)

// Paths of the interface. Every request carries the key as a bearer token; every
// answer is JSON, {"error": "..."} where the status is 400 or above.
//
//	POST   /events         an Activation; answers with the Status
//	DELETE /events         {"endpoint": "..."}; answers with the Status
//	GET    /events         answers with the Status
//	POST   /events/resend  a Resend; answers with the Status
//	POST   /faults         a FaultSet; answers with the Status
//	POST   /projects       a Project; answers with the Status
//	DELETE /projects       {"name": "..."}; answers with the Status
//	POST   /parameters     Parameters; answers with the Status
const (
	eventsPath     = "/events"
	resendPath     = "/events/resend"
	faultsPath     = "/faults"
	projectsPath   = "/projects"
	parametersPath = "/parameters"
)

// Activation of data events for an endpoint; see fno.EventActivation.
type Activation = fno.EventActivation

// Project is a data project of F&O; Parameters are the execution parameters of
// an entity.
type (
	Project    = fno.Project
	Parameters = fno.Parameters
)

// Faults of the delivery of events and webhook posts.
type Faults = outbox.Faults

// FaultSet says what is disturbed.
type FaultSet struct {
	Events *Faults `json:"events"` // of both twins; without probabilities they end
}

// Resend names failures that are to be sent again, by their ids.
type Resend struct {
	FnO       []int64 `json:"fno,omitempty"`
	Dataverse []int64 `json:"dataverse,omitempty"`
}

// Status is what the twins deliver and how that goes.
type Status struct {
	Activations []Activation `json:"activations"` // of data events, without keys
	FnO         Delivery     `json:"fno"`         // of data events
	Dataverse   Delivery     `json:"dataverse"`   // of webhook posts
	Projects    []Project    `json:"projects"`
}

// Delivery is what became of the messages of one twin.
type Delivery struct {
	Counts   outbox.Counts    `json:"counts"`
	Failures []outbox.Failure `json:"failures"`
}

type endpointName struct {
	Endpoint string `json:"endpoint"`
}

type projectName struct {
	Name string `json:"name"`
}

type errorAnswer struct {
	Error string `json:"error"`
}
