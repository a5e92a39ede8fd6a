import AuthMiddleware

/// Web pages and apps of other origins (the Fetch standard's CORS protocol).
struct OriginSettings: Sendable {
    let origins: AllowedOrigins
    let headers: AllowedHeaders

    static let origins = Setting<AllowedOrigins>(
        "CORS_ALLOWED_ORIGINS",
        .parsed(
            "a list of origins such as https://app.example.org, capacitor://localhost (not *, not null, no path), or none", otherwise: .none
        ) { AllowedOrigins($0) },
        default: "none", "Origins of web pages and apps that may read answers.")
    static let headers = Setting<AllowedHeaders>(
        "CORS_ALLOWED_HEADERS",
        .parsed("a list of names of headers such as traceparent, baggage, or none", otherwise: .none) { AllowedHeaders($0) },
        default: "traceparent, baggage, sentry-trace",
        "Headers that these pages may send besides Authorization, Content-Type and X-Request-Id.")

    init(_ read: inout SettingReader) {
        read.section = "Browsers"
        origins = read(Self.origins)
        headers = read(Self.headers)
        read.requireInProduction(
            !origins.areOpenToTampering, Self.origins, "has pages that can be changed on their way to the browser: use https")
    }
}
