// Command apiserver says of each manifest whether the API server takes it, by the server's own decoder,
// defaults and validation.
//
// It reads a JSON list of objects from standard input and prints a JSON list with a text for each: what is
// wrong with it, or nothing.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/networking"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	"k8s.io/kubernetes/pkg/apis/networking/validation"
)

func main() {
	var objects []json.RawMessage
	if err := json.NewDecoder(os.Stdin).Decode(&objects); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	strict := serializer.NewCodecFactory(legacyscheme.Scheme, serializer.EnableStrict)
	decoder := strict.UniversalDecoder(schema.GroupVersion{Group: "networking.k8s.io", Version: runtime.APIVersionInternal})
	answers := make([]string, len(objects))
	for i, object := range objects {
		answers[i] = problem(decoder, object)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func problem(decoder runtime.Decoder, object []byte) string {
	decoded, _, err := decoder.Decode(object, nil, nil)
	if err != nil {
		return err.Error()
	}
	policy, ok := decoded.(*networking.NetworkPolicy)
	if !ok {
		return fmt.Sprintf("%T is not a NetworkPolicy", decoded)
	}
	if policy.Namespace == "" {
		policy.Namespace = "default"
	}
	// A server sets both before it validates: it drops managers of fields that it cannot decode.
	policy.Generation = 1
	policy.ManagedFields = nil
	var errs field.ErrorList = validation.ValidateNetworkPolicy(policy, validation.NetworkPolicyValidationOptions{})
	if err := errs.ToAggregate(); err != nil {
		return err.Error()
	}
	return ""
}
