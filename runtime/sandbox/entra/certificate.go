package entra

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"time"
)

// ServerCertificate makes a certificate for 127.0.0.1, ::1 and localhost that
// is its own authority, valid for a year from now. It returns the certificate
// for a server and the PEM that clients have to trust.
func ServerCertificate(now time.Time, rand io.Reader) (tls.Certificate, []byte, error) {
	number, err := serial(rand)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("making a server certificate: %w", err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("making a server certificate: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: number, Subject: pkix.Name{CommonName: "dw sandbox"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IsCA: true, BasicConstraintsValid: true,
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(rand, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("making a server certificate: %w", err)
	}
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, ca, nil
}

// ClientCertificate makes a self-signed certificate that an application signs
// in with, valid from now for the given time (negative: expired already). It
// returns the certificate to register and the PEM of certificate and private
// key, which is a secret.
func ClientCertificate(now time.Time, valid time.Duration, rand io.Reader) (*x509.Certificate, []byte, error) {
	number, err := serial(rand)
	if err != nil {
		return nil, nil, fmt.Errorf("making a client certificate: %w", err)
	}
	key, err := rsa.GenerateKey(rand, 2048)
	if err != nil {
		return nil, nil, fmt.Errorf("making a client certificate: %w", err)
	}
	template := &x509.Certificate{SerialNumber: number, Subject: pkix.Name{CommonName: "dw sandbox client"},
		NotBefore: now.Add(min(valid, 0) - time.Hour), NotAfter: now.Add(valid), KeyUsage: x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, nil, fmt.Errorf("making a client certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, nil, fmt.Errorf("making a client certificate: %w", err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("making a client certificate: %w", err)
	}
	out := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return cert, append(out, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})...), nil
}
