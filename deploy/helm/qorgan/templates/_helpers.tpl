{{- define "qorgan.labels" -}}
app.kubernetes.io/name: qorgan
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "qorgan.selector" -}}
app.kubernetes.io/name: qorgan
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "qorgan.image" -}}
{{ required "image.repository is needed" .Values.image.repository }}:{{ required "image.tag is needed" .Values.image.tag }}
{{- end }}

{{/* No token, no root, nothing writable but /tmp. */}}
{{- define "qorgan.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "qorgan.container" -}}
image: {{ include "qorgan.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{- define "qorgan.environment" -}}
- name: QORGAN_PUBLIC_URL
  value: {{ required "publicUrl is needed" .Values.publicUrl | quote }}
- name: QORGAN_SMTP_HOST
  value: {{ .Values.mail.host | quote }}
- name: QORGAN_SMTP_PORT
  value: {{ .Values.mail.port | quote }}
- name: QORGAN_SMTP_TLS
  value: {{ .Values.mail.tls | quote }}
{{- with .Values.mail.from }}
- name: QORGAN_MAIL_FROM
  value: {{ . | quote }}
{{- end }}
{{- end }}
