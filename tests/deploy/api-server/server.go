//go:build tools

// Package server names the program that is built, so that go.mod holds what it needs.
package server

import _ "k8s.io/kubernetes/cmd/kube-apiserver"
