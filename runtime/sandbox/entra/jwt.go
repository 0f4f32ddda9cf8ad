package entra

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
)

// maxToken limits the bytes of a token or an assertion.
const maxToken = 32 << 10

// header is the JOSE header of a token.
type header struct {
	Algorithm  string   `json:"alg"`
	Type       string   `json:"typ,omitempty"`
	KeyID      string   `json:"kid,omitempty"`
	Thumb      string   `json:"x5t,omitempty"`      // SHA-1 of the certificate
	Thumb256   string   `json:"x5t#S256,omitempty"` // SHA-256 of the certificate
	Chain      []string `json:"x5c,omitempty"`
	unverified []byte   // what the signature covers
	signature  []byte
}

// audience is a claim that is one string or a list.
type audience []string

func (a *audience) UnmarshalJSON(b []byte) error {
	var one string
	if err := json.Unmarshal(b, &one); err == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(a))
}

// claims are those of client assertions and of our tokens; the others are not
// read.
type claims struct {
	Audience  audience `json:"aud"`
	Issuer    string   `json:"iss"`
	Subject   string   `json:"sub"`
	ID        string   `json:"jti"`
	Expires   float64  `json:"exp"`
	NotBefore float64  `json:"nbf"`
}

var errToken = errors.New("the token is not a signed JSON web token")

// parseJWT reads a token in compact form without checking its signature.
func parseJWT(token string) (header, claims, error) {
	var h header
	var c claims
	if len(token) > maxToken {
		return h, c, errToken
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return h, c, errToken
	}
	raw := make([][]byte, 3)
	for i, p := range parts {
		b, err := base64.RawURLEncoding.DecodeString(p)
		if err != nil {
			return h, c, errToken
		}
		raw[i] = b
	}
	if json.Unmarshal(raw[0], &h) != nil || json.Unmarshal(raw[1], &c) != nil {
		return h, c, errToken
	}
	h.unverified, h.signature = []byte(parts[0]+"."+parts[1]), raw[2]
	return h, c, nil
}

// verify checks the signature of a token.
func (h header) verify(key crypto.PublicKey) error {
	digest := sha256.Sum256(h.unverified)
	switch key := key.(type) {
	case *rsa.PublicKey:
		switch h.Algorithm {
		case "RS256":
			return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], h.signature)
		case "PS256":
			return rsa.VerifyPSS(key, crypto.SHA256, digest[:], h.signature, nil)
		}
	case *ecdsa.PublicKey:
		if h.Algorithm == "ES256" && len(h.signature) == 64 {
			r, s := new(big.Int).SetBytes(h.signature[:32]), new(big.Int).SetBytes(h.signature[32:])
			if ecdsa.Verify(key, digest[:], r, s) {
				return nil
			}
			return errors.New("the signature is not valid")
		}
	}
	return fmt.Errorf("the algorithm %.20q does not fit the key", h.Algorithm)
}

// signJWT signs claims with ES256.
func signJWT(rand io.Reader, key *ecdsa.PrivateKey, keyID string, claims any) (string, error) {
	head, err := json.Marshal(header{Algorithm: "ES256", Type: "JWT", KeyID: keyID})
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(body)
	digest := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand, key, digest[:])
	if err != nil {
		return "", err
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}
