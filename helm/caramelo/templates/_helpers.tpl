{{/* The names' beginning: the release's, with the chart's unless that is in it. */}}
{{- define "caramelo.fullname" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{/* Labels that select: (dict "root" $ "component" "pricing"), without a component all of the release. */}}
{{- define "caramelo.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{/* Labels of an object, likewise. */}}
{{- define "caramelo.labels" -}}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: caramelo
{{ include "caramelo.selector" . }}
{{- end }}

{{- define "caramelo.image" -}}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{/* The settings of a service: those of all, then its own. */}}
{{- define "caramelo.service" -}}
{{- mergeOverwrite (deepCopy .root.Values.defaults) (deepCopy (get .root.Values.services .name)) | toYaml }}
{{- end }}

{{/* What Pod Security calls restricted, for every pod and every container. */}}
{{- define "caramelo.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
# A volume that has the group already is left alone: Erlang refuses a cookie whose mode has changed.
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}
{{- define "caramelo.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* The Secret with the bundled servers' passwords. */}}
{{- define "caramelo.bundledSecret" -}}
{{ .Values.bundledSecret | default (printf "%s-bundled" (include "caramelo.fullname" .)) }}
{{- end }}

{{/* Where a container finds the files of TLS: for its volumeMounts. */}}
{{- define "caramelo.tlsMounts" -}}
{{- if .Values.caSecret }}
- {name: ca, mountPath: /etc/caramelo, readOnly: true}
{{- end }}
{{- if .Values.clientSecret }}
- {name: certificate, mountPath: /etc/caramelo-certificate, readOnly: true}
{{- end }}
{{- end }}

{{/* The volumes of these. PostgreSQL's library wants a key that others can't read. */}}
{{- define "caramelo.tlsVolumes" -}}
{{- with .Values.caSecret }}
- {name: ca, secret: {secretName: {{ . }}, items: [{key: ca.crt, path: ca.crt}]}}
{{- end }}
{{- with .Values.clientSecret }}
- {name: certificate, secret: {secretName: {{ . }}, defaultMode: 0440}}
{{- end }}
{{- end }}

{{/* The variables that name these files, as a map. */}}
{{- define "caramelo.tlsEnv" -}}
{{- if .Values.caSecret }}
TLS_CA_FILE: /etc/caramelo/ca.crt
{{- end }}
{{- if .Values.clientSecret }}
TLS_CERT_FILE: /etc/caramelo-certificate/tls.crt
TLS_KEY_FILE: /etc/caramelo-certificate/tls.key
{{- end }}
{{- end }}

{{/* What traces need, where there is a collector; Kubernetes fills in POD_NAME. */}}
{{- define "caramelo.tracingEnv" -}}
OTEL_EXPORTER_OTLP_ENDPOINT: {{ .Values.tracing.endpoint | quote }}
OTEL_TRACES_SAMPLER: parentbased_traceidratio
OTEL_TRACES_SAMPLER_ARG: {{ .Values.tracing.ratio | quote }}
OTEL_RESOURCE_ATTRIBUTES: k8s.pod.name=$(POD_NAME),k8s.namespace.name={{ .Release.Namespace }}
{{- end }}

{{/* A variable from a Secret: (list "NAME" "secret" "key"). */}}
{{- define "caramelo.secretEnv" -}}
- name: {{ index . 0 }}
  valueFrom: {secretKeyRef: {name: {{ index . 1 }}, key: {{ index . 2 }}}}
{{- end }}

{{/* AMQP_URL for the user (dict "root" $ "user" "pricing"). */}}
{{- define "caramelo.amqpEnv" -}}
{{- $rabbitmq := .root.Values.rabbitmq }}
{{- if $rabbitmq.urlSecret }}
{{- include "caramelo.secretEnv" (list "AMQP_URL" $rabbitmq.urlSecret .user) }}
{{- else if $rabbitmq.bundled }}
{{- include "caramelo.secretEnv" (list "RABBITMQ_PASSWORD" (include "caramelo.bundledSecret" .root) "rabbitmq-password") }}
- name: AMQP_URL
  value: amqp://caramelo:$(RABBITMQ_PASSWORD)@{{ include "caramelo.fullname" .root }}-rabbitmq:5672/
{{- else }}
{{- fail "rabbitmq.urlSecret: the Secret with your broker's AMQP URLs is needed, since rabbitmq.bundled is false" }}
{{- end }}
{{- end }}

{{/* The address of a server that a service needs: (dict "root" $ "server" "redis"). */}}
{{- define "caramelo.serverEnv" -}}
{{- $full := include "caramelo.fullname" .root }}
{{- $bundled := include "caramelo.bundledSecret" .root }}
{{- $values := get .root.Values .server }}
{{- if eq .server "postgresql" }}
{{- if $values.urlSecret }}
{{- include "caramelo.secretEnv" (list "DATABASE_URL" $values.urlSecret "url") }}
{{- else if $values.bundled }}
{{- include "caramelo.secretEnv" (list "POSTGRESQL_PASSWORD" $bundled "postgresql-password") }}
- name: DATABASE_URL
  value: postgres://bookings:$(POSTGRESQL_PASSWORD)@{{ $full }}-postgresql:5432/bookings
{{- else }}
{{- fail "postgresql.urlSecret: the Secret with DATABASE_URL is needed, since postgresql.bundled is false" }}
{{- end }}
{{- else if eq .server "redis" }}
{{- if $values.urlSecret }}
{{- include "caramelo.secretEnv" (list "REDIS_URL" $values.urlSecret "url") }}
{{- else if $values.bundled }}
{{- include "caramelo.secretEnv" (list "REDIS_PASSWORD" $bundled "redis-password") }}
- name: REDIS_URL
  value: redis://:$(REDIS_PASSWORD)@{{ $full }}-redis:6379/0
{{- else }}
{{- fail "redis.urlSecret: the Secret with REDIS_URL is needed, since redis.bundled is false" }}
{{- end }}
{{- else if $values.urlSecret }}
{{- include "caramelo.secretEnv" (list "SMTP_URL" $values.urlSecret "url") }}
- name: MAIL_FROM
  value: {{ required "smtp.from: the sender's address is needed with smtp.urlSecret" $values.from | quote }}
{{- end }}
{{- end }}
