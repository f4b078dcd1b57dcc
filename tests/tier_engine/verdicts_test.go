// The verdicts of kube-network-policies on worlds and packets that are read from a file.
//
// Its evaluator is not exported, so this file is put beside it, in a copy of the module.
package networkpolicy

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"testing"

	v1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	npav1alpha1 "sigs.k8s.io/network-policy-api/apis/v1alpha1"
	npafake "sigs.k8s.io/network-policy-api/pkg/client/clientset/versioned/fake"
	npainformers "sigs.k8s.io/network-policy-api/pkg/client/informers/externalversions"
)

type question struct {
	Source, Destination, Protocol string
	Port                          int
}

type world struct {
	Namespaces []*v1.Namespace
	Pods       []*v1.Pod
	Policies   []*networkingv1.NetworkPolicy
	Admin      []*npav1alpha1.AdminNetworkPolicy
	Baseline   []*npav1alpha1.BaselineAdminNetworkPolicy
	Questions  []question
}

func TestVerdicts(t *testing.T) {
	text, err := os.ReadFile(os.Getenv("WORLDS"))
	if err != nil {
		t.Fatal(err)
	}
	var worlds []world
	if err := json.Unmarshal(text, &worlds); err != nil {
		t.Fatal(err)
	}
	answers := [][]bool{}
	for _, one := range worlds {
		answers = append(answers, verdicts(t, one))
	}
	text, _ = json.Marshal(answers)
	if err := os.WriteFile(os.Getenv("ANSWERS"), text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func verdicts(t *testing.T, here world) []bool {
	client, npaClient := fake.NewSimpleClientset(), npafake.NewSimpleClientset()
	core := informers.NewSharedInformerFactory(client, 0)
	npa := npainformers.NewSharedInformerFactory(npaClient, 0)
	engine, err := newController(
		client,
		core.Networking().V1().NetworkPolicies(), core.Core().V1().Namespaces(),
		core.Core().V1().Pods(), core.Core().V1().Nodes(), npaClient,
		npa.Policy().V1alpha1().AdminNetworkPolicies(),
		npa.Policy().V1alpha1().BaselineAdminNetworkPolicies(),
		Config{AdminNetworkPolicy: true, BaselineAdminNetworkPolicy: true},
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range here.Namespaces {
		core.Core().V1().Namespaces().Informer().GetStore().Add(one)
	}
	for _, one := range here.Pods {
		core.Core().V1().Pods().Informer().GetStore().Add(one)
	}
	for _, one := range here.Policies {
		core.Networking().V1().NetworkPolicies().Informer().GetStore().Add(one)
	}
	for _, one := range here.Admin {
		npa.Policy().V1alpha1().AdminNetworkPolicies().Informer().GetStore().Add(one)
	}
	for _, one := range here.Baseline {
		npa.Policy().V1alpha1().BaselineAdminNetworkPolicies().Informer().GetStore().Add(one)
	}
	answers := []bool{}
	for _, one := range here.Questions {
		answers = append(answers, engine.evaluatePacket(context.Background(), packet{
			srcIP: net.ParseIP(one.Source), dstIP: net.ParseIP(one.Destination),
			proto: v1.Protocol(one.Protocol), dstPort: one.Port,
		}))
	}
	return answers
}
